package io.tidemark.launcher.faults;

import java.util.regex.Pattern;

/** A coordinator that sleeps past its lease, and wakes up in a world that has moved on. */
final class Zombies {

  private static final long TAKE_OVER_SECONDS = 60;
  private static final long TOLD_SECONDS = 60;

  /** How the log says that somebody else coordinates now. */
  private static final Pattern TOLD =
      Pattern.compile(
          "epoch \\d+ (is over: |was ended by ).*|'"
              + FaultRun.COLLECTION
              + "' is not coordinated here any more");

  private final FaultRun run;

  Zombies(FaultRun run) {
    this.run = run;
  }

  void run(int zombies) throws InterruptedException {
    for (int i = 0; i < zombies; i++) {
      ClusterNode zombie = run.cluster().settledCoordinator();
      run.fault(FaultClass.ZOMBIE, () -> freezePastTheLease(zombie), () -> wake(zombie));
    }
  }

  /** Until another one has begun an epoch. */
  private long freezePastTheLease(ClusterNode zombie) throws InterruptedException {
    long nanos = System.nanoTime();
    long epoch = run.cluster().epoch();
    zombie.freeze();
    Deadline.await(
        TAKE_OVER_SECONDS,
        () -> "nobody takes over: " + run.cluster().tails(),
        () -> run.cluster().isBegunElsewhere(zombie, epoch));
    return nanos;
  }

  /** It has to be told, and to work on as an ordinary node. */
  private void wake(ClusterNode zombie) throws InterruptedException {
    int logged = zombie.logged();
    long epoch = run.cluster().epoch();
    zombie.resume();
    long nanos = System.nanoTime();
    Deadline.await(
        TOLD_SECONDS,
        () -> "the zombie does not say that it is none any more: " + zombie.tail(),
        () -> TOLD.matcher(zombie.log().substring(logged)).find());
    if (run.progress().awaitCommitAt(zombie.place().url(), nanos, TOLD_SECONDS) < 0) {
      run.violated(FaultClass.ZOMBIE, "no row is taken at the woken node: " + zombie.tail());
    }
    System.out.printf(
        "[faults] %s woke up in epoch %d: %s%n",
        zombie.name(), epoch, firstLine(zombie.log().substring(logged)));
  }

  private static String firstLine(String log) {
    var told = TOLD.matcher(log);
    return told.find() ? told.group() : "";
  }
}
