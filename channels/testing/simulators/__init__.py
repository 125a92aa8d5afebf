"""One simulator per network: real servers on the loopback interface that refuse as the network does."""
