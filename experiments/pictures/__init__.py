"""What each picture shows, worked out from experiments, readouts and aggregates: a file per picture, all of it pure."""
