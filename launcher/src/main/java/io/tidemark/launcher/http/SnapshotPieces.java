package io.tidemark.launcher.http;

import io.tidemark.environment.Loop;
import io.tidemark.environment.Offload;
import io.tidemark.persist.Snapshot;
import io.tidemark.persist.part.TableWriter;
import io.tidemark.row.RowWriter;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * A snapshot in the bytes of some format, piece by piece: the next one is only made when it is
 * asked for. One call at a time.
 */
abstract sealed class SnapshotPieces {

  private final Snapshot snapshot;
  private Iterator<byte[]> pieces = List.<byte[]>of().iterator();
  private Buffer piece = Buffer.buffer();
  private boolean ended;

  private SnapshotPieces(Snapshot snapshot) {
    this.snapshot = snapshot;
  }

  /** As lines of text. */
  static SnapshotPieces text(Snapshot snapshot, RowWriter writer) {
    return new Text(snapshot, writer);
  }

  /** As Parquet, which is made elsewhere: compression is nothing for an event loop. */
  static SnapshotPieces table(Snapshot snapshot, TableWriter writer, Offload offload) {
    return new Table(snapshot, writer, offload);
  }

  /** The next piece, never an empty one; nothing, for ever, at the end. */
  Future<Optional<Buffer>> next() {
    return Loop.whileTrue(this::step)
        .map(
            stepped -> {
              Buffer next = piece;
              piece = Buffer.buffer();
              return next.length() == 0 ? Optional.empty() : Optional.of(next);
            });
  }

  /** Gives back what the reading took. */
  Future<Void> close() {
    return snapshot.close();
  }

  /** Makes a piece, reads a block, or makes the last piece. True if there is no piece yet. */
  private Future<Boolean> step() {
    if (pieces.hasNext()) {
      return make(pieces).map(this::made);
    }
    if (ended) {
      return Future.succeededFuture(false);
    }
    return snapshot.next().compose(this::read);
  }

  private boolean made(byte[] bytes) {
    piece = Buffer.buffer(bytes);
    return bytes.length == 0;
  }

  private Future<Boolean> read(Optional<UpdateBlock> block) {
    ended = block.isEmpty();
    pieces = block.isPresent() ? begin(block.get()) : end();
    return Future.succeededFuture(true);
  }

  abstract Iterator<byte[]> begin(UpdateBlock rows);

  abstract Iterator<byte[]> end();

  abstract Future<byte[]> make(Iterator<byte[]> source);

  private static final class Text extends SnapshotPieces {

    /** How large a piece is. */
    private static final int PIECE_BYTES = 64 << 10;

    private final RowWriter writer;

    Text(Snapshot snapshot, RowWriter writer) {
      super(snapshot);
      this.writer = writer;
      super.pieces = List.of(writer.header()).iterator();
    }

    @Override
    Iterator<byte[]> begin(UpdateBlock rows) {
      return writer.chunks(rows, PIECE_BYTES);
    }

    @Override
    Iterator<byte[]> end() {
      return List.<byte[]>of().iterator();
    }

    @Override
    Future<byte[]> make(Iterator<byte[]> source) {
      return Future.succeededFuture(source.next());
    }
  }

  private static final class Table extends SnapshotPieces {
    private final TableWriter writer;
    private final Offload offload;

    Table(Snapshot snapshot, TableWriter writer, Offload offload) {
      super(snapshot);
      this.writer = writer;
      this.offload = offload;
    }

    @Override
    Iterator<byte[]> begin(UpdateBlock rows) {
      return writer.write(rows);
    }

    @Override
    Iterator<byte[]> end() {
      return new Iterator<>() {
        private boolean given;

        @Override
        public boolean hasNext() {
          return !given;
        }

        @Override
        public byte[] next() {
          given = true;
          return writer.finish();
        }
      };
    }

    @Override
    Future<byte[]> make(Iterator<byte[]> source) {
      return offload.call(source::next);
    }
  }
}
