package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a shard straight from its stores, all of it, and says what is wrong. It writes nothing, and
 * holds nothing: others may write and collect meanwhile, and what they have replaced is looked at
 * again. Belongs to one context.
 */
public final class ShardCheck {

  /** So often it begins again when what it was reading was collected. */
  public static final int MAX_ATTEMPTS = 5;

  /** So long it waits before. */
  private static final long PAUSE_MILLIS = 250;

  private final PersistClient client;
  private final ShardId shard;
  private final Environment environment;
  private final SnapshotOptions options;
  private final StateLoader loader;
  private final History history;
  private int attempts;
  private @Nullable CheckReport report;

  /**
   * @param options what telling the rows apart may use
   */
  public ShardCheck(
      PersistClient client, ShardId shard, Environment environment, SnapshotOptions options) {
    this.client = client;
    this.shard = shard;
    this.environment = environment;
    this.options = options;
    this.loader = new StateLoader(shard, client.blob(), client.consensus(), environment);
    this.history = new History(loader, environment, client.options().retry());
  }

  /** Checks it. Fails if a store does; whatever it holds is a finding. */
  public Future<CheckReport> run() {
    return Loop.whileTrue(() -> paused().compose(waited -> attempt()))
        .map(done -> Objects.requireNonNull(report));
  }

  private Future<Void> paused() {
    if (attempts == 0) {
      return Future.succeededFuture();
    }
    Promise<Void> later = Promise.promise();
    environment.timers().after(PAUSE_MILLIS, later::complete);
    return later.future();
  }

  private Future<Boolean> attempt() {
    attempts++;
    Findings findings = new Findings();
    VersionCheck versions = new VersionCheck(shard, loader, history, environment, findings);
    return versions
        .run()
        .compose(
            state ->
                state.isPresent()
                    ? checkParts(state.get(), versions, findings)
                    : stateless(versions, findings))
        .map(
            done -> {
              report = done;
              return !done.settled() && attempts < MAX_ATTEMPTS;
            });
  }

  private Future<CheckReport> checkParts(
      ShardState state, VersionCheck versions, Findings findings) {
    PartCheck parts = new PartCheck(state, client, loader, history, environment, options, findings);
    int batches = state.trace().size();
    return parts
        .run()
        .map(
            done ->
                new CheckReport(
                    findings.told(),
                    findings.untold(),
                    !findings.isDisturbed(),
                    versions.versions(),
                    versions.rollups(),
                    batches,
                    parts.parts(),
                    parts.bytes()));
  }

  /** One that nobody has opened yet has nothing at all; otherwise its state is lost. */
  private Future<CheckReport> stateless(VersionCheck versions, Findings findings) {
    List<String> objects = new ArrayList<>();
    return history
        .calling(() -> client.blob().list(shard + "/", object -> note(object.key(), objects)))
        .map(
            listed -> {
              if (versions.versions() == 0 && !objects.isEmpty()) {
                lost(objects.get(0), findings);
              }
              return new CheckReport(
                  findings.told(),
                  findings.untold(),
                  !findings.isDisturbed(),
                  versions.versions(),
                  versions.rollups(),
                  0,
                  0,
                  0);
            });
  }

  /** It may just be being created, the object first. */
  private void lost(String object, Findings findings) {
    if (attempts < MAX_ATTEMPTS) {
      findings.disturb();
      return;
    }
    findings.add(
        new Finding(
            "shard " + shard,
            "has no version in consensus, but objects like " + object,
            "nobody knows what it holds",
            Finding.CONSENSUS_FROM_BACKUP));
  }

  private static void note(String key, List<String> objects) {
    if (objects.isEmpty()) {
      objects.add(key);
    }
  }
}
