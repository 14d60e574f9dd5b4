"""What rules ask and what is told when it happens: conditions, filters, spikes, texts. Pure."""
