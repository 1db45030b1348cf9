"""What a service of Cliquet costs, beside the peer that people would otherwise use."""
