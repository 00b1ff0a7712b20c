package io.tidemark.launcher.faults;

import io.tidemark.launcher.faults.Checker.Stored;
import io.tidemark.launcher.faults.History.Events;
import io.tidemark.location.ExternalException;
import io.tidemark.persist.ShardId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A cluster under load, of which faults ask something, and which is checked after each. What a
 * fault breaks goes to the ledger and to the log of the test; the next fault is tried all the same,
 * as long as rows are committed.
 */
final class FaultRun implements AutoCloseable {

  static final String COLLECTION = "rows";

  /** How long nothing may be committed after a fault: then it counts as not survived. */
  private static final long RECOVERY_SECONDS = 60;

  private static final int READ_ATTEMPTS = 4;

  private final FaultForm form;
  private final FaultLedger ledger;
  private final SplittableRandom random;
  private final ProcessCluster cluster;
  private final SharedStore store;
  private final Path folder;
  private final ShardId shard;
  private final History history;
  private final Progress progress = new Progress();
  private final List<Supplier<List<String>>> complaints = new ArrayList<>();
  private final List<String> refusals = new CopyOnWriteArrayList<>();
  private final HttpLoad load;
  private final Checker checker = new Checker();

  /** Something is done to the cluster. */
  interface Injection {
    /** Does it, and returns when; recovery is measured from then. */
    long inject() throws Exception;
  }

  /** Starts the cluster and the load. */
  FaultRun(FaultForm form, FaultLedger ledger, ProcessCluster.Plan plan, int nodes, int producers)
      throws IOException, InterruptedException {
    this.form = form;
    this.ledger = ledger;
    this.random = new SplittableRandom(form.seed());
    this.store = plan.store();
    this.folder = plan.folder();
    this.cluster = new ProcessCluster(plan, nodes);
    this.history = new History(plan.folder().resolve("history"));
    try {
      cluster.start();
      this.shard = cluster.create();
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      cluster.close();
      throw e;
    }
    this.load = load("http", cluster.urls(), producers);
  }

  FaultForm form() {
    return form;
  }

  FaultLedger ledger() {
    return ledger;
  }

  SplittableRandom random() {
    return random;
  }

  ProcessCluster cluster() {
    return cluster;
  }

  Progress progress() {
    return progress;
  }

  History history() {
    return history;
  }

  /** Where this run keeps its files. */
  Path folder() {
    return folder;
  }

  /** Further producers, at other nodes; who starts them closes them. */
  HttpLoad load(String name, List<String> urls, int producers) {
    return load(new HttpLoad.Target(COLLECTION, urls, name, HttpLoad.MIXED, refusals), producers);
  }

  /** {@link #load(String, List, int)} of messages of so many rows, at every node. */
  HttpLoad load(String name, int producers, int rows) {
    return load(new HttpLoad.Target(COLLECTION, cluster.urls(), name, rows, refusals), producers);
  }

  private HttpLoad load(HttpLoad.Target target, int producers) {
    return new HttpLoad(history, progress, target, producers, random.nextLong());
  }

  /** At every check it is asked what went wrong where it looks. */
  void complain(Supplier<List<String>> complaint) {
    complaints.add(complaint);
  }

  /** Any of these. */
  <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** Waits until rows are committed: before a fault, so that it hits work. */
  void awaitWork() throws InterruptedException {
    if (progress.awaitCommitAfter(System.nanoTime(), RECOVERY_SECONDS) < 0) {
      throw new AssertionError("nothing is committed without a fault: " + cluster.tails());
    }
  }

  /** Injects one fault into a cluster at work, waits until rows are committed again, and checks. */
  void fault(FaultClass fault, Injection injection) {
    fault(fault, injection, () -> {});
  }

  /**
   * {@link #fault(FaultClass, Injection)}.
   *
   * @param mending what makes the cluster whole again; done whatever happens before the check
   */
  void fault(FaultClass fault, Injection injection, Mending mending) {
    try {
      awaitWork();
      long nanos;
      long recoveryMillis;
      try {
        nanos = injection.inject();
        ledger.injected(fault);
        recoveryMillis = progress.awaitCommitAfter(nanos, RECOVERY_SECONDS);
        if (recoveryMillis < 0) {
          violated(fault, "nothing was committed for " + RECOVERY_SECONDS + " s");
        }
      } finally {
        mending.mend();
      }
      boolean healthy = recoveryMillis >= 0;
      if (check(fault) && healthy) {
        ledger.survived(fault, recoveryMillis);
      }
      System.out.printf("[faults] %s: recovered after %d ms%n", fault, recoveryMillis);
    } catch (Exception | AssertionError e) {
      violated(fault, "the fault could not be injected or mended: " + e);
    }
  }

  /** Makes the cluster whole again after a fault. */
  interface Mending {
    void mend() throws Exception;
  }

  /** Checks everything now. Returns whether all is well; else the ledger knows. */
  boolean check(FaultClass fault) {
    List<String> found;
    try {
      Events before = history.events();
      Stored stored = read();
      found = checker.check(before, stored, history.events());
    } catch (RuntimeException | AssertionError e) {
      violated(fault, "the shard cannot be read: " + e + " " + e.getCause());
      return false;
    }
    found.forEach(each -> violated(fault, each));
    List<String> refused = new ArrayList<>(refusals);
    refusals.removeAll(refused);
    complaints.forEach(each -> refused.addAll(each.get()));
    refused.forEach(each -> violated(fault, each));
    return found.isEmpty() && refused.isEmpty();
  }

  /** The store itself may have been away: then it is asked again, over a new connection. */
  private Stored read() {
    for (int attempt = 1; ; attempt++) {
      try {
        return store.read(shard);
      } catch (AssertionError e) {
        if (attempt == READ_ATTEMPTS || !(e.getCause() instanceof ExternalException)) {
          throw e;
        }
      }
    }
  }

  /** Something is broken. */
  void violated(FaultClass fault, String text) {
    ledger.violated(fault, text.lines().findFirst().orElse(""));
    System.out.printf("[faults] VIOLATION %s: %s%n", fault, text);
  }

  /** How long ago that was, in milliseconds. */
  static long millisSince(long nanos) {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
  }

  /** Ends the load and the cluster. */
  @Override
  public void close() throws IOException {
    load.close();
    cluster.close();
    history.close();
    store.close();
  }
}
