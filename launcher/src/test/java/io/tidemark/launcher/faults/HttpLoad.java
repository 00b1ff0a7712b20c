package io.tidemark.launcher.faults;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Producers that publish over HTTP, each one message after the other, and each message again and
 * again, at one node and the next, until it is acknowledged.
 */
final class HttpLoad implements AutoCloseable {

  private static final Duration CONNECT = Duration.ofSeconds(1);
  private static final Duration ANSWER = Duration.ofSeconds(8);
  private static final long RETRY_MILLIS = 50;
  private static final int MAX_PAUSE_MILLIS = 40;

  static final int MIXED = 0;

  private static final int MAX_ROWS = 5;

  /** Of so many messages one is big. */
  private static final int BIG_EVERY = 40;

  /** So many rows are too many for the state, and go through a part. */
  private static final int BIG_ROWS = 2_000;

  /** An answer that means: at another node, or a little later. */
  private static final Set<Integer> AGAIN = Set.of(429, 503, 504);

  private final History history;
  private final Progress progress;
  private final Target target;
  private final List<Thread> threads = new ArrayList<>();
  private final List<String> refusals;
  private final CountDownLatch ending = new CountDownLatch(1);

  /**
   * Where they publish.
   *
   * @param urls of the nodes
   * @param producers what their names begin with
   * @param rows of every message; {@link #MIXED} for few, and now and then many
   * @param refusals takes the answers that no fault explains
   */
  record Target(
      String collection, List<String> urls, String producers, int rows, List<String> refusals) {}

  /** Starts them. */
  HttpLoad(History history, Progress progress, Target target, int producers, long seed) {
    this.history = history;
    this.progress = progress;
    this.target = target;
    this.refusals = target.refusals();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < producers; i++) {
      SplittableRandom own = random.split();
      String name = target.producers() + "-" + i;
      int home = i % target.urls().size();
      Thread thread = new Thread(() -> run(name, home, own), name);
      thread.setDaemon(true);
      threads.add(thread);
    }
    threads.forEach(Thread::start);
  }

  private void run(String producer, int home, SplittableRandom random) {
    HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .build();
    try {
      for (long sequence = 1; !pause(random.nextInt(MAX_PAUSE_MILLIS)); sequence++) {
        int rows = sequence % BIG_EVERY == 0 ? BIG_ROWS : 1 + random.nextInt(MAX_ROWS);
        rows = target.rows() == MIXED ? rows : target.rows();
        if (!publish(client, producer, sequence, rows, home)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      return; // it ends
    }
  }

  private boolean pause(long millis) throws InterruptedException {
    return ending.await(millis, TimeUnit.MILLISECONDS);
  }

  /** Publishes one message. Returns false if that makes no sense any more. */
  private boolean publish(HttpClient client, String producer, long sequence, int rows, int home)
      throws InterruptedException {
    String body = StoredRow.lines(producer, sequence, rows);
    history.sent(producer, sequence, rows);
    long sentNanos = System.nanoTime();
    for (int attempt = 0; ; attempt++) {
      String url = target.urls().get((home + attempt) % target.urls().size());
      HttpResponse<String> answer = post(client, url, producer, sequence, body);
      if (answer != null && answer.statusCode() == 200) {
        JsonObject reply = json(answer.body());
        history.acked(producer, sequence, reply.getLong("time"), reply.getLong("upper"));
        progress.acked(url, sentNanos);
        return true;
      }
      if (answer != null && !AGAIN.contains(answer.statusCode())) {
        refusals.add(
            "message %s %d was refused by %s: %d %s"
                .formatted(producer, sequence, url, answer.statusCode(), answer.body().strip()));
        return false;
      }
      if (pause(RETRY_MILLIS)) {
        return false;
      }
    }
  }

  private HttpResponse<String> post(
      HttpClient client, String url, String producer, long sequence, String body)
      throws InterruptedException {
    try {
      return client.send(
          ProcessCluster.request(url + "/collections/" + target.collection() + "/rows")
              .timeout(ANSWER)
              .header("Tidemark-Producer", producer)
              .header("Tidemark-Sequence", Long.toString(sequence))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      return null; // it is away, or does not answer
    }
  }

  private static JsonObject json(String text) {
    try {
      return new JsonObject(text);
    } catch (DecodeException e) {
      throw new AssertionError("no JSON: " + text, e);
    }
  }

  /** Ends them; what is under way may be acknowledged or not. */
  void end() {
    ending.countDown();
    try {
      for (Thread thread : threads) {
        thread.join(ANSWER.toMillis() + 2_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    end();
  }
}
