"""How does an operator keep a place? Its tables, its backups, its health."""
