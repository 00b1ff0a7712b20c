package io.tidemark.launcher.http;

import io.tidemark.environment.Loop;
import io.tidemark.launcher.config.NodeConfig.SnapshotReading;
import io.tidemark.persist.SnapshotOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Optional;

/** A snapshot on its way to a client, no faster than that takes it. */
final class SnapshotReply {

  /** The most rows of a block that is read at once. */
  private static final int BLOCK_ROWS = 8_192;

  /** How long to wait until the time that was asked for is complete. */
  private static final long WAIT_MILLIS = 5_000;

  private final SnapshotPieces pieces;
  private final HttpServerResponse response;
  private boolean gone;

  SnapshotReply(SnapshotPieces pieces, HttpServerResponse response) {
    this.pieces = pieces;
    this.response = response;
  }

  static SnapshotOptions options(SnapshotReading reading) {
    return new SnapshotOptions(
        reading.memoryBytes(), reading.spillFolder(), BLOCK_ROWS, WAIT_MILLIS);
  }

  /**
   * Writes everything, and ends the response; one that failed is broken off instead. What fails
   * before there is anything to write leaves the response as it was.
   */
  Future<Void> run() {
    response.closeHandler(closed -> gone = true);
    return pieces
        .next()
        .compose(first -> response.writeHead().compose(begun -> write(first)))
        .compose(more -> more ? Loop.whileTrue(this::step) : Future.succeededFuture())
        .eventually(pieces::close)
        .compose(done -> gone ? Future.succeededFuture() : response.end());
  }

  private Future<Boolean> step() {
    return gone ? Future.succeededFuture(false) : pieces.next().compose(this::write);
  }

  private Future<Boolean> write(Optional<Buffer> piece) {
    return piece.isPresent() ? written(piece.get()) : Future.succeededFuture(false);
  }

  private Future<Boolean> written(Buffer piece) {
    Future<Void> writing = response.write(piece);
    if (!response.writeQueueFull()) {
      return Future.succeededFuture(true);
    }
    Promise<Boolean> drained = Promise.promise();
    response.drainHandler(room -> drained.tryComplete(true));
    // A connection that breaks drains nothing.
    writing.onFailure(
        e -> {
          gone = true;
          drained.tryComplete(true);
        });
    return drained.future();
  }
}
