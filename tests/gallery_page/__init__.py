"""One page with every surface in every state, drawn by the sandbox's own renderer: `./dev gallery`."""
