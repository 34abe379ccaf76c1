"""How Bunsen looks: one pure function per message, modal or tab."""
