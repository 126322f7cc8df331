"""Where chance comes from: addresses, sources of uniforms, quantile tables."""
