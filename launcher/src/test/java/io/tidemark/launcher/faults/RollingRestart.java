package io.tidemark.launcher.faults;

/** One node after the other is stopped in order and started again, as for an upgrade. */
final class RollingRestart {

  /** 128 + 15: a process that ended because it was told to. */
  private static final int EXIT_SIGTERM = 143;

  private final FaultRun run;

  RollingRestart(FaultRun run) {
    this.run = run;
  }

  void run(int rounds) {
    long began = System.nanoTime();
    for (int round = 0; round < rounds; round++) {
      for (ClusterNode node : run.cluster().nodes()) {
        run.fault(FaultClass.ROLLING_RESTART, () -> stop(node), () -> run.cluster().restart(node));
      }
    }
    run.ledger()
        .note(
            FaultClass.ROLLING_RESTART,
            "the longest time in which nothing was acknowledged: "
                + run.progress().longestGapSince(began)
                + " ms");
  }

  private long stop(ClusterNode node) throws InterruptedException {
    long nanos = System.nanoTime();
    node.terminate();
    int code = node.awaitEnd();
    if (code != EXIT_SIGTERM) {
      run.violated(FaultClass.ROLLING_RESTART, "exit code " + code + ": " + node.tail());
    }
    return nanos;
  }
}
