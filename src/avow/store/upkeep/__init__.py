"""What does an operator ask of a database? Its tables brought up to date, its health, a copy, a place on Citus."""
