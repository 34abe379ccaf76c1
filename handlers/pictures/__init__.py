"""Where each picture takes its data from: one file per picture, and the table that names them all."""
