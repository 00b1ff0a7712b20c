package io.tidemark.sim;

import io.tidemark.client.Change;
import io.tidemark.client.Subscriber;
import io.tidemark.client.SubscriberOptions;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.ReadPosition;
import io.tidemark.protocol.ReadPosition.Kind;
import io.tidemark.protocol.RefusedException;
import java.util.ArrayList;
import java.util.List;

/**
 * An application that follows a collection over the event bus, and keeps the position together with
 * what it makes of the changes: so it goes on after a crash as if there had been none.
 */
final class SubscriberActor implements Application {

  private final String name;
  private final Cluster cluster;
  private final boolean retained;
  private final List<Followed> lives = new ArrayList<>();
  private Node node;
  private ReadPosition position;
  private long tooLate;

  /**
   * @param retained whether old times may go before they are read
   */
  SubscriberActor(String name, Cluster cluster, boolean retained) {
    this.name = name;
    this.cluster = cluster;
    this.retained = retained;
    begin();
  }

  private void begin() {
    boolean all = lives.isEmpty() && cluster.random().nextBoolean();
    position = all ? ReadPosition.since(0) : ReadPosition.SNAPSHOT;
    lives.add(new Followed());
  }

  String collection() {
    return name;
  }

  /** What it was told; more than one if what came next could not be read any more. */
  List<Followed> lives() {
    return lives;
  }

  /** How often the collection did not go back any more to where it was. */
  long tooLate() {
    return tooLate;
  }

  boolean hasComeTo(Antichain upper) {
    return position.kind() == Kind.CHANGES && upper.lessEqual(last().frontier());
  }

  private Followed last() {
    return lives.get(lives.size() - 1);
  }

  @Override
  public void crash() {
    node.crash();
  }

  @Override
  public void start() {
    node = cluster.client("subscriber of " + name);
    open(node);
  }

  private void open(Node on) {
    SubscriberOptions options =
        new SubscriberOptions(
            position.text(), 1 + cluster.random().nextInt(4), 1_500, 600_000, 5, 300);
    Subscriber.open(name, options, on.environment(), cluster.bus(on))
        .onSuccess(
            opened -> opened.exceptionHandler(cause -> failed(on, cause)).handler(this::took))
        .onFailure(cause -> failed(on, cause));
  }

  private void took(Change change) {
    boolean contents = position.kind() == Kind.SNAPSHOT;
    position = change.position();
    last().add(change.updates());
    if (position.kind() == Kind.CHANGES) {
      if (contents) {
        last()
            .startedAt(
                position.frontier().isEmpty()
                    ? Antichain.MAX_TIME
                    : position.frontier().time() - 1);
      }
      last().progress(position.frontier());
    }
  }

  private void failed(Node on, Throwable cause) {
    boolean late =
        cause instanceof RefusedException refused && refused.code() == FailureCode.INVALID_ROW;
    if (late && retained) {
      tooLate++;
      begin();
      open(on);
    } else {
      cluster.fail(new AssertionError("the subscriber of " + name + " at " + position, cause));
    }
  }

  @Override
  public String toString() {
    return "subscriber of " + name + " at " + position;
  }
}
