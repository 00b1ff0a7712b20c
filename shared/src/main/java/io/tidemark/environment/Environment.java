package io.tidemark.environment;

/**
 * All that code may know of the world around it. In production the world is Vert.x; in a simulation
 * it is a seed.
 *
 * @param failpoints who is told of the steps at which a process may die
 */
public record Environment(
    Clock clock, Timers timers, Entropy entropy, Offload offload, Failpoints failpoints) {

  /** A world in which nobody waits for a crash point. */
  public Environment(Clock clock, Timers timers, Entropy entropy, Offload offload) {
    this(clock, timers, entropy, offload, Failpoints.NONE);
  }
}
