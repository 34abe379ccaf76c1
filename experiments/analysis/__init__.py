"""From aggregates to readouts: rows → columns → readings → health → verdict, for many experiments at once."""
