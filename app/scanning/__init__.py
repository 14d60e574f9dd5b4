"""The readers: from bytes to exact records, and from records to detections."""
