"""The graph: what front ends see."""
