package io.tidemark.launcher.faults;

/** {@code kill -9}: of the coordinator and of others, at any moment. */
final class Kills {

  private static final int MAX_PAUSE_MILLIS = 400;

  private final FaultRun run;

  Kills(FaultRun run) {
    this.run = run;
  }

  /** Kills so many nodes, every second of them the coordinator, and starts each again. */
  void run(int kills) {
    for (int kill = 0; kill < kills; kill++) {
      ClusterNode coordinator = run.cluster().coordinator();
      boolean isCoordinator = kill % 2 == 0;
      kill(
          isCoordinator ? FaultClass.KILL_COORDINATOR : FaultClass.KILL_NODE,
          isCoordinator ? coordinator : run.any(run.cluster().others(coordinator)));
    }
  }

  private void kill(FaultClass fault, ClusterNode victim) {
    run.fault(
        fault,
        () -> {
          Deadline.pause(run.random().nextInt(MAX_PAUSE_MILLIS));
          return victim.kill();
        },
        () -> run.cluster().restart(victim));
  }
}
