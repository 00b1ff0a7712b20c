package io.tidemark.append;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Timers;
import io.tidemark.persist.FencedException;
import io.tidemark.persist.Shard;
import io.tidemark.persist.ShardSummary;
import io.tidemark.persist.WriteHandle;
import io.tidemark.protocol.Bus.Delivery;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.RefusedException;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compacts a shard, and collects its garbage, when somebody asks for it. Of each one goes on at a
 * time, and who asks meanwhile waits for its end. Nobody waits for long: whoever is told that it
 * goes on asks again. Belongs to one epoch.
 */
final class UpkeepOnDemand {

  /** So long somebody waits for an answer; then they are told that it goes on. */
  static final long ANSWER_MILLIS = 10_000;

  /** So many wait at a time. */
  static final int MAX_WAITING = 32;

  /** A result that nobody has asked for since is kept for so long. */
  static final long KEPT_MILLIS = 60_000;

  /** A little more than the heartbeat of mint: so long the next append may take. */
  static final long APPEND_MILLIS = 15_000;

  private static final String COMPACT = "compact";
  private static final String GC = "gc";

  private final String name;
  private final Environment environment;
  private final Shard shard;
  private final WriteHandle handle;
  private final Map<String, Job> jobs = new HashMap<>();
  private int waiting;

  /**
   * @param name the collection's
   */
  UpkeepOnDemand(String name, Environment environment, Shard shard, WriteHandle handle) {
    this.name = name;
    this.environment = environment;
    this.shard = shard;
    this.handle = handle;
  }

  /** Something that was asked for. */
  private static final class Job {
    private final String action;
    private final Future<JsonObject> result;
    private @Nullable Long endedMillis;

    Job(String action, Future<JsonObject> result) {
      this.action = action;
      this.result = result;
    }

    boolean isStale(long nowMillis) {
      return endedMillis != null && nowMillis - endedMillis > KEPT_MILLIS;
    }
  }

  /** Takes a request, {@code {"action": "compact"}} or {@code {"action": "gc"}}. */
  void request(@Nullable Object body, Delivery delivery) {
    String action = body instanceof JsonObject json ? json.getString("action", "") : "";
    if (!action.equals(COMPACT) && !action.equals(GC)) {
      delivery.refuse(
          new RefusedException(FailureCode.INVALID_ROW, "\"action\" has to be compact or gc"));
    } else if (waiting >= MAX_WAITING) {
      delivery.refuse(
          new RefusedException(
              FailureCode.OVERLOADED, waiting + " wait for that already: ask again later"));
    } else {
      answer(job(action), delivery);
    }
  }

  private Job job(String action) {
    Job known = jobs.get(action);
    if (known != null && !known.isStale(nowMillis())) {
      return known;
    }
    Job begun = new Job(action, action.equals(COMPACT) ? compact() : collect());
    jobs.put(action, begun);
    begun.result.onComplete(done -> begun.endedMillis = nowMillis());
    return begun;
  }

  private void answer(Job job, Delivery delivery) {
    Waiter waiter = new Waiter();
    waiting++;
    Timers.Timer late =
        environment
            .timers()
            .after(ANSWER_MILLIS, () -> waiter.end(() -> delivery.refuse(goesOn(job))));
    job.result.onComplete(
        done ->
            waiter.end(
                () -> {
                  late.cancel();
                  boolean unused = jobs.remove(job.action, job);
                  tell(done, delivery);
                }));
  }

  /** Somebody who is answered once. */
  private final class Waiter {
    private boolean answered;

    void end(Runnable answer) {
      if (!answered) {
        answered = true;
        waiting--;
        answer.run();
      }
    }
  }

  private RefusedException goesOn(Job job) {
    return new RefusedException(
        FailureCode.UNAVAILABLE,
        "the "
            + job.action
            + " of '"
            + name
            + "' goes on ("
            + shown(shard.summary())
            + "): ask again");
  }

  private static String shown(ShardSummary now) {
    return now.batches() + " batches, " + now.parts() + " parts, " + now.hollowBytes() + " bytes";
  }

  private void tell(AsyncResult<JsonObject> done, Delivery delivery) {
    if (done.succeeded()) {
      delivery.reply(done.result());
    } else if (done.cause() instanceof FencedException) {
      delivery.refuse(
          new RefusedException(
              FailureCode.UNAVAILABLE,
              "epoch " + handle.epoch() + " of '" + name + "' is over: ask again"));
    } else {
      delivery.refuse(
          new RefusedException(
              FailureCode.OUTCOME_UNKNOWN,
              "it failed, and a part of it may have been done: "
                  + done.cause().getMessage()
                  + "; 'check' says whether something is damaged"));
    }
  }

  private Future<JsonObject> compact() {
    JsonObject before = size(shard.summary());
    return handle
        .compact()
        .map(
            done ->
                new JsonObject()
                    .put("name", name)
                    .put("before", before)
                    .put("after", size(shard.summary())));
  }

  private Future<JsonObject> collect() {
    return shard
        .collectAll(APPEND_MILLIS)
        .map(
            collected ->
                new JsonObject()
                    .put("name", name)
                    .put("parts", collected.parts())
                    .put("rollups", collected.rollups())
                    .put("versions", collected.versions()));
  }

  private static JsonObject size(ShardSummary shard) {
    return new JsonObject()
        .put("batches", shard.batches())
        .put("parts", shard.parts())
        .put("updates", shard.updates())
        .put("partBytes", shard.hollowBytes())
        .put("inlineBytes", shard.inlineBytes());
  }

  private long nowMillis() {
    return environment.clock().monotonicMillis();
  }
}
