package io.tidemark.environment;

/**
 * Is told at every step at which a process may die. In production nobody listens; a test of whole
 * processes injects one that stops, kills or breaks the process there. Called on whatever context
 * or thread takes the step.
 */
@FunctionalInterface
public interface Failpoints {

  /** Listens to nothing. */
  Failpoints NONE = name -> {};

  /**
   * A step was reached.
   *
   * @param name the name of a {@link CrashPoint}
   */
  void reached(String name);
}
