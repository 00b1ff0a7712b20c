package io.tidemark.launcher.http;

import io.tidemark.environment.Loop;
import io.tidemark.launcher.config.NodeConfig.SnapshotReading;
import io.tidemark.persist.Snapshot;
import io.tidemark.persist.SnapshotOptions;
import io.tidemark.row.RowWriter;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** A snapshot on its way to a client, no faster than that takes it. */
final class SnapshotReply {

  /** The most rows of a block that is read at once. */
  private static final int BLOCK_ROWS = 8_192;

  /** How large a piece is written at once. */
  private static final int PIECE_BYTES = 64 << 10;

  /** How long to wait until the time that was asked for is complete. */
  private static final long WAIT_MILLIS = 5_000;

  private final Snapshot snapshot;
  private final RowWriter writer;
  private final HttpServerResponse response;
  private Iterator<byte[]> pieces = List.<byte[]>of().iterator();
  private boolean gone;

  SnapshotReply(Snapshot snapshot, RowWriter writer, HttpServerResponse response) {
    this.snapshot = snapshot;
    this.writer = writer;
    this.response = response;
  }

  static SnapshotOptions options(SnapshotReading reading) {
    return new SnapshotOptions(
        reading.memoryBytes(), reading.spillFolder(), BLOCK_ROWS, WAIT_MILLIS);
  }

  /** Writes everything, and ends the response; one that failed is broken off instead. */
  Future<Void> run() {
    response.closeHandler(closed -> gone = true);
    byte[] header = writer.header();
    return response
        .writeHead()
        .compose(
            begun ->
                header.length == 0
                    ? Future.succeededFuture()
                    : response.write(Buffer.buffer(header)))
        .compose(begun -> Loop.whileTrue(this::step))
        .eventually(snapshot::close)
        .compose(done -> gone ? Future.succeededFuture() : response.end());
  }

  /** Writes a piece, or reads a block. */
  private Future<Boolean> step() {
    if (gone) {
      return Future.succeededFuture(false);
    }
    if (pieces.hasNext()) {
      return written(Buffer.buffer(pieces.next()));
    }
    return snapshot.next().map(this::read);
  }

  private boolean read(Optional<UpdateBlock> block) {
    block.ifPresent(rows -> pieces = writer.chunks(rows, PIECE_BYTES));
    return block.isPresent();
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
