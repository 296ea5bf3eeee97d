"""contextcheck: anomaly investigation with cultural and regional context."""

__version__ = "0.1.0"
