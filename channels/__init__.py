"""One module per network, and the contract that they all keep. Nothing here knows of the pipeline."""
