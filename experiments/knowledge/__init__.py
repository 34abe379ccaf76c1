"""What many experiments say together, and what is written about one of them."""
