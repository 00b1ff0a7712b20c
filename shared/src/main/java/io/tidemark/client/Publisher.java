package io.tidemark.client;

import io.tidemark.environment.Environment;
import io.tidemark.persist.Position;
import io.tidemark.protocol.Bus;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.Messages.Session;
import io.tidemark.protocol.Rows;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.tidemark.row.UpdateBlockBuilder;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Publishes rows to a collection in ingest mode, each exactly once: gathers them into messages,
 * keeps several messages under way, bounds what is unanswered, and survives epoch changes. Belongs
 * to the context that opened it.
 *
 * <p>Rows are committed in the order in which they were appended. The rows of one message are
 * committed at one time, or not at all.
 */
public final class Publisher {

  private final Schema schema;
  private final Position committed;
  private final ProducerSession session;
  private final Environment environment;
  private final PublisherOptions options;
  private UpdateBlockBuilder rows;
  private Promise<Receipt> receipt = Promise.promise();
  private boolean lingering;
  private Future<Receipt> lastSent = Future.succeededFuture();
  private @Nullable Throwable failure;

  private Publisher(
      Session opened, ProducerSession session, Environment environment, PublisherOptions options) {
    this.schema = opened.schema();
    this.committed = opened.committed();
    this.session = session;
    this.environment = environment;
    this.options = options;
    this.rows = new UpdateBlockBuilder(schema, options.messageRows());
  }

  /**
   * Opens a publisher. It takes over from an earlier one of the same producer.
   *
   * @return fails with {@link FailureCode#UNAVAILABLE} if nobody serves the collection for the time
   *     of the session's {@link SessionSettings#giveUpMillis}
   */
  public static Future<Publisher> open(
      String collection, PublisherOptions options, Environment environment, Bus bus) {
    ProducerSession session =
        new ProducerSession(collection, options.producer(), environment, bus, options.session());
    session.watchEpochs();
    return session
        .open()
        .map(opened -> new Publisher(opened, session, environment, options))
        .onFailure(failed -> session.close());
  }

  /** The columns of the collection. */
  public Schema schema() {
    return schema;
  }

  /** Where the producer stood when this publisher was opened: from there an application resumes. */
  public Position committed() {
    return committed;
  }

  /**
   * Appends a row.
   *
   * @param row sets the columns of the row, and does not end it
   * @return completes when the row is durable; fails at once with {@link InvalidRowException} if it
   *     does not fit, with what {@code row} throws, or with {@link FailureCode#OVERLOADED} if
   *     {@link #isFull} was not heeded
   */
  public Future<Receipt> append(Consumer<UpdateBlockBuilder> row) {
    return append(row, 1);
  }

  /** {@link #append(Consumer)} of a row that appears {@code diff} times, or disappears. */
  public Future<Receipt> append(Consumer<UpdateBlockBuilder> row, long diff) {
    try {
      row.accept(rows);
      rows.row(0, diff);
    } catch (RuntimeException e) {
      // Whatever it is: what was set of this row must not get into the next one.
      rows.cancel();
      return Future.failedFuture(e);
    }
    Future<Receipt> durable = receipt.future();
    if (rows.size() >= options.messageRows() || rows.bytes() >= options.messageBytes()) {
      send();
    } else {
      linger();
    }
    return durable;
  }

  /**
   * Appends a block of rows of the collection's schema, or one that it has evolved from, as one
   * message, after the rows before it.
   */
  public Future<Receipt> append(UpdateBlock block) {
    if (!schema.extendsFrom(block.schema())) {
      return Future.failedFuture(
          new InvalidRowException("the block is of " + block.schema() + ", not of " + schema));
    }
    send();
    return send(block);
  }

  /** Whether to wait for {@link #onDrain} before appending more. */
  public boolean isFull() {
    return session.isFull();
  }

  /** Runs {@code action}, once, when more can be appended. */
  public void onDrain(Runnable action) {
    session.onDrain(action);
  }

  /**
   * Sends what was appended. Completes when all of it is durable; fails if a message has failed
   * since the last flush.
   */
  public Future<Void> flush() {
    send();
    return lastSent.transform(
        last -> {
          Throwable failed = failure;
          failure = null;
          return failed == null ? Future.succeededFuture() : Future.failedFuture(failed);
        });
  }

  /** Flushes, then ends the session, whatever became of the rows. */
  public Future<Void> close() {
    return flush().onComplete(flushed -> session.close());
  }

  private void linger() {
    if (!lingering) {
      lingering = true;
      environment
          .timers()
          .after(
              options.lingerMillis(),
              () -> {
                lingering = false;
                send();
              });
    }
  }

  private void send() {
    if (rows.size() == 0) {
      return;
    }
    UpdateBlock block = rows.build();
    Promise<Receipt> durable = receipt;
    rows = new UpdateBlockBuilder(schema, options.messageRows());
    receipt = Promise.promise();
    send(block).onComplete(durable);
  }

  private Future<Receipt> send(UpdateBlock block) {
    Future<Receipt> sent =
        session
            .send(Rows.of(block))
            .onFailure(failed -> failure = failure == null ? failed : failure);
    // One that is refused at once has those before it still under way.
    lastSent = lastSent.transform(before -> sent);
    return sent;
  }
}
