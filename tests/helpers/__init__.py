"""What tests and benchmarks share: drawings, data sets, weights files, servers, and the page in a browser."""
