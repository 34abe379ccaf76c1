"""Plain functions from sufficient statistics to small results: one array row is one comparison."""
