package io.tidemark.launcher.faults;

import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/**
 * Networks that fall apart and come together again. Needs {@link Namespaces}; runs in their hub.
 *
 * <p>After each the pipeline has to come back by itself, also where the event bus has lost its
 * registrations: every node has to take rows again.
 */
final class Partitions {

  /** Longer than the heartbeats that declare a member dead, on the settings that ship. */
  private static final long SPLIT_MILLIS = 16_000;

  /** Within this time after the network is whole every node takes rows, and commits them. */
  private static final long HEALED_SECONDS = 150;

  private static final long TAKE_OVER_SECONDS = 90;

  private final FaultRun run;
  private final Namespaces network;

  Partitions(FaultRun run, Namespaces network) {
    this.run = run;
    this.network = network;
  }

  /** Does those that are planned, once each. */
  void round(Predicate<FaultClass> planned) {
    if (planned.test(FaultClass.COORDINATOR_CUT_OFF)) {
      cut(FaultClass.COORDINATOR_CUT_OFF, this::cutOffCoordinator);
    }
    if (planned.test(FaultClass.SPLIT_BRAIN)) {
      cut(FaultClass.SPLIT_BRAIN, this::splitBrain);
    }
    if (planned.test(FaultClass.WRITER_CUT_OFF)) {
      cut(FaultClass.WRITER_CUT_OFF, this::cutOffWriter);
    }
    if (planned.test(FaultClass.HALVES)) {
      cut(FaultClass.HALVES, this::halves);
    }
    if (planned.test(FaultClass.CONSENSUS_CUT_OFF)) {
      cut(FaultClass.CONSENSUS_CUT_OFF, this::cutOffConsensus);
    }
  }

  private void cut(FaultClass fault, FaultRun.Injection injection) {
    run.fault(
        fault,
        () -> {
          long nanos = injection.inject();
          Deadline.pause(Math.max(0, SPLIT_MILLIS - FaultRun.millisSince(nanos)));
          return nanos;
        },
        () -> heal(fault));
  }

  private void heal(FaultClass fault) throws IOException, InterruptedException {
    network.heal();
    long nanos = System.nanoTime();
    for (ClusterNode node : run.cluster().nodes()) {
      long millis = run.progress().awaitCommitAt(node.place().url(), nanos, HEALED_SECONDS);
      if (millis < 0) {
        run.violated(
            fault,
            node.name()
                + " takes no rows, "
                + HEALED_SECONDS
                + " s after the network is whole: "
                + run.cluster().tails());
      }
      System.out.printf("[faults] %s takes rows %d ms after the healing%n", node.name(), millis);
    }
    run.ledger()
        .note(
            fault,
            "every node takes rows " + FaultRun.millisSince(nanos) + " ms after the healing");
  }

  private int number(ClusterNode node) {
    return run.cluster().nodes().indexOf(node);
  }

  /** From everything. Somebody else has to take over. */
  private long cutOffCoordinator() throws IOException, InterruptedException {
    ClusterNode coordinator = run.cluster().settledCoordinator();
    long epoch = run.cluster().epoch();
    network.cutBus(number(coordinator));
    network.cutStores(number(coordinator));
    long nanos = System.nanoTime();
    awaitEpochElsewhere(coordinator, epoch);
    return nanos;
  }

  /** From the other nodes only: both sides reach consensus, and both want to coordinate. */
  private long splitBrain() throws IOException, InterruptedException {
    ClusterNode coordinator = run.cluster().settledCoordinator();
    long epoch = run.cluster().epoch();
    network.cutBus(number(coordinator));
    long nanos = System.nanoTime();
    awaitEpochElsewhere(coordinator, epoch);
    Deadline.await(
        TAKE_OVER_SECONDS,
        () -> coordinator.name() + " notices nothing: " + coordinator.tail(),
        () ->
            coordinator.lastEpochBegun(FaultRun.COLLECTION) != epoch || isOver(coordinator, epoch));
    return nanos;
  }

  private static boolean isOver(ClusterNode node, long epoch) {
    return node.log().contains("'" + FaultRun.COLLECTION + "' epoch " + epoch + " is over");
  }

  private void awaitEpochElsewhere(ClusterNode coordinator, long epoch)
      throws InterruptedException {
    Deadline.await(
        TAKE_OVER_SECONDS,
        () -> "nobody takes over: " + run.cluster().tails(),
        () -> run.cluster().isBegunElsewhere(coordinator, epoch));
  }

  /** A writer from everything. The epoch has to end without it. */
  private long cutOffWriter() throws IOException, InterruptedException {
    ClusterNode writer = run.any(run.cluster().others(run.cluster().settledCoordinator()));
    network.cutBus(number(writer));
    network.cutStores(number(writer));
    long nanos = System.nanoTime();
    return nanos;
  }

  /** The coordinator and another one here, the rest there; all reach consensus. */
  private long halves() throws IOException, InterruptedException {
    ClusterNode coordinator = run.cluster().settledCoordinator();
    List<ClusterNode> others = run.cluster().others(coordinator);
    ClusterNode with = run.any(others);
    network.split(List.of(number(coordinator), number(with)));
    long nanos = System.nanoTime();
    return nanos;
  }

  /** The coordinator cannot reach consensus; the other nodes reach both it and consensus. */
  private long cutOffConsensus() throws IOException, InterruptedException {
    ClusterNode coordinator = run.cluster().settledCoordinator();
    network.cutStores(number(coordinator));
    long nanos = System.nanoTime();
    return nanos;
  }
}
