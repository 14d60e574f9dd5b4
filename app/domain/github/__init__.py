"""What issues on GitHub say: titles, texts, labels and comments, from what is known of an error. Pure."""
