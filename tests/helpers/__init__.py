"""What tests and benchmarks share: drawings, photographs, data sets, weights files, servers, the page in a browser."""
