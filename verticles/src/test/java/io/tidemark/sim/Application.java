package io.tidemark.sim;

/** A process that uses the cluster, and may die and come back. */
interface Application {

  void start();

  void crash();
}
