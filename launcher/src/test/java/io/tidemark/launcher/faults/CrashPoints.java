package io.tidemark.launcher.faults;

import io.tidemark.TcpProxy;
import io.tidemark.environment.CrashPoint;
import io.tidemark.launcher.faults.CrashingFailpoints.Action;
import java.io.IOException;
import java.util.Optional;

/** Nodes that die, freeze or fail between two steps of the pipeline: at each of them. */
final class CrashPoints {

  private static final long REACHED_SECONDS = 45;

  /** Longer than the minter waits before it tells writers again. */
  private static final long STALL_MILLIS = 2_500;

  /** Shorter than a node may be silent before it is thrown out. */
  private static final long PILE_SECONDS = 6;

  /** A process that was told to stop has stopped. */
  private static final long STOPPED_MILLIS = 300;

  private static final int THIRDS = 3;

  /** Two such messages are more than a writer keeps in memory: it streams them into a part. */
  private static final int HUGE_ROWS = 9_000;

  /** Three for each write verticle of three nodes. */
  private static final int HUGE_PRODUCERS = 18;

  /** So many rows stay in the state, which some dozens of such messages make too big. */
  private static final int INLINE_ROWS = 200;

  private static final int INLINE_PRODUCERS = 6;

  /** Longer than an append is tried with a consensus that refuses. */
  private static final long GIVEN_UP_SECONDS = 15;

  private static final int MAX_OUTAGES = 3;

  private final FaultRun run;
  private final TcpProxy consensus;

  /**
   * Crash points of the nodes of a run.
   *
   * @param consensus through which they reach it
   */
  CrashPoints(FaultRun run, TcpProxy consensus) {
    this.run = run;
    this.consensus = consensus;
  }

  /** Reaches every planned point once; in the short form a third of them: the seed says which. */
  void run(Action action) {
    long drawing = run.form().seed();
    for (CrashPoint point : CrashPoint.values()) {
      boolean isDrawn = drawing++ % THIRDS == 0;
      if (run.form().plans(fault(point)) && (run.form().isLong() || isDrawn)) {
        reach(point, action);
      }
    }
  }

  /** Reaches one. */
  void reach(CrashPoint point, Action action) {
    new Crash(point, action).run();
  }

  private static FaultClass fault(CrashPoint point) {
    return switch (point.name().charAt(0)) {
      case 'M' -> FaultClass.MINT_POINTS;
      case 'W' -> FaultClass.WRITE_POINTS;
      default -> FaultClass.APPEND_POINTS;
    };
  }

  /** One point that is reached, and what follows. */
  private final class Crash {
    private final CrashPoint point;
    private final Action action;

    /** The node that reached it, and the one that was made to end so that it could. */
    private ClusterNode victim;

    private ClusterNode provoked;

    /** When what had to be away for it was there again. */
    private long mendedNanos = Long.MIN_VALUE;

    Crash(CrashPoint point, Action action) {
      this.point = point;
      this.action = action;
    }

    void run() {
      run.fault(fault(point), this::inject, this::mend);
    }

    private long inject() throws IOException, InterruptedException {
      int[] logged = run.cluster().logged();
      CrashingFailpoints.arm(run.cluster().failpoints(), point, action);
      provoke(logged);
      awaitReached(logged);
      victim = reachedBy(logged, point).orElseThrow();
      long nanos = Math.max(reachedNanos(), mendedNanos);
      if (action == Action.HALT) {
        int code = victim.awaitEnd();
        if (code != CrashingFailpoints.EXIT_CRASHED) {
          throw new AssertionError(victim.name() + " ended with " + code);
        }
      }
      System.out.printf("[faults] %s %s: %s%n", point, action, victim.name());
      return nanos;
    }

    private void awaitReached(int[] logged) throws InterruptedException {
      Deadline.await(
          REACHED_SECONDS,
          () -> point + " was not reached: " + run.cluster().tails(),
          () -> reachedBy(logged, point).isPresent());
    }

    /** When the victim did, by the last that it says of it. */
    private long reachedNanos() {
      String log = victim.log();
      String said = CrashingFailpoints.said(point.name());
      return Long.parseLong(
          log.substring(log.lastIndexOf(said) + said.length()).lines().findFirst().orElseThrow());
    }

    private Optional<ClusterNode> reachedBy(int[] logged, CrashPoint which) {
      for (int i = 0; i < logged.length; i++) {
        ClusterNode node = run.cluster().nodes().get(i);
        if (node.log().substring(logged[i]).contains(CrashingFailpoints.said(which.name()))) {
          return Optional.of(node);
        }
      }
      return Optional.empty();
    }

    /** Some steps are not taken every day. */
    private void provoke(int[] logged) throws IOException, InterruptedException {
      ClusterNode coordinator = run.cluster().settledCoordinator();
      switch (point) {
        case M1, M2 -> {
          provoked = coordinator;
          coordinator.kill();
        }
        case M6 -> {
          provoked = coordinator;
          coordinator.terminate();
        }
        case W7 -> {
          ClusterNode stalled = run.any(run.cluster().others(coordinator));
          if (stalled.freezeIfAlive()) {
            Deadline.pause(STALL_MILLIS);
            stalled.resume();
          }
        }
        case W2 -> pileUp(coordinator, logged);
        case A7 -> outage(logged);
        case A8 -> fillState(logged);
        default -> {}
      }
    }

    /** What is published while nobody coordinates does not fit into the writers' memory. */
    @SuppressWarnings("try") // it publishes on its own
    private void pileUp(ClusterNode coordinator, int[] logged) throws InterruptedException {
      try (HttpLoad unused = load("huge", HUGE_PRODUCERS, HUGE_ROWS)) {
        coordinator.freeze();
        try {
          Deadline.poll(PILE_SECONDS, () -> reachedBy(logged, point).isPresent());
        } finally {
          coordinator.resume();
        }
        awaitReached(logged);
      }
    }

    /** More rows than the state is to carry come in batches that are small enough for it. */
    @SuppressWarnings("try") // it publishes on its own
    private void fillState(int[] logged) throws InterruptedException {
      try (HttpLoad unused = load("inline", INLINE_PRODUCERS, INLINE_ROWS)) {
        awaitReached(logged);
      }
    }

    private HttpLoad load(String name, int producers, int rows) {
      return run.load(name + "-" + run.random().nextInt(1_000_000), producers, rows);
    }

    /**
     * Consensus is away for so long that an append is given up that surely was not committed: the
     * coordinator sleeps, about to append, while its connections end. If the append was under way
     * all the same nobody knows what became of it, and another one has to be tried.
     */
    private void outage(int[] logged) throws IOException, InterruptedException {
      for (int i = 0; i < MAX_OUTAGES && reachedBy(logged, point).isEmpty(); i++) {
        run.awaitWork();
        int[] before = run.cluster().logged();
        CrashingFailpoints.arm(run.cluster().failpoints(), CrashPoint.A2, Action.FREEZE);
        Deadline.await(
            REACHED_SECONDS,
            () -> "nobody appends: " + run.cluster().tails(),
            () -> reachedBy(before, CrashPoint.A2).isPresent());
        ClusterNode sleeper = reachedBy(before, CrashPoint.A2).orElseThrow();
        consensus.refuse();
        try {
          Deadline.pause(STOPPED_MILLIS);
          sleeper.resume();
          Deadline.poll(GIVEN_UP_SECONDS, () -> reachedBy(logged, point).isPresent());
        } finally {
          consensus.accept();
          mendedNanos = System.nanoTime();
        }
      }
    }

    private void mend() throws IOException, InterruptedException {
      boolean unused = CrashingFailpoints.disarm(run.cluster().failpoints(), point);
      if (action == Action.FREEZE && victim != null) {
        victim.resume();
      }
      for (ClusterNode node : run.cluster().nodes()) {
        if (node == provoked && node.isAlive()) {
          int code = node.awaitEnd();
          System.out.printf("[faults] %s ended with %d%n", node.name(), code);
        }
        if (!node.isAlive()) {
          node.start();
        }
      }
      for (ClusterNode node : run.cluster().nodes()) {
        run.cluster().awaitReady(node);
      }
    }
  }
}
