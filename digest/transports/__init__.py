"""The ways out, one module each; `digest.ports.Transport` says what one must do."""
