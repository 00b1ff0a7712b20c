package io.tidemark.environment;

/**
 * All that code may know of the world around it. In production the world is Vert.x; in a simulation
 * it is a seed.
 */
public record Environment(Clock clock, Timers timers, Entropy entropy, Offload offload) {}
