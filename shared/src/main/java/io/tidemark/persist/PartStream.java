package io.tidemark.persist;

import io.tidemark.environment.CrashPoint;
import io.tidemark.persist.part.EncodedPart;
import io.tidemark.persist.part.PartWriter;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Encodes blocks into parts while they arrive, and uploads a part when it is full. Belongs to one
 * context; the encoder works elsewhere, on one thing at a time.
 *
 * <p>At most {@link PersistOptions#uploads} uploads are outstanding; until one ends, nothing more
 * is encoded. With what is being encoded that bounds the memory of a stream.
 */
final class PartStream {

  /** The most bytes of blocks that the encoder takes at once, so that others get their turn. */
  static final long MAX_ENCODED_AT_ONCE = 4 << 20;

  private final PartTarget target;
  private final boolean timesAtEnd;
  private final long provisionalTime;
  private final LongConsumer released;
  private final ArrayDeque<Added> pending = new ArrayDeque<>();
  private final ArrayDeque<Filled> full = new ArrayDeque<>();
  private final List<Future<Closed>> uploads = new ArrayList<>();
  private @Nullable PartWriter writer;
  private long writerBytes;
  private long heldBytes;
  private boolean encoding;
  private boolean flushing;
  private boolean pumping;
  private boolean again;
  private int uploading;
  private @Nullable Throwable failure;
  private @Nullable Promise<List<Closed>> finishing;
  private long finishTime;

  /**
   * @param times whether the updates have times of their own
   * @param lower a time that is not past the one that the updates will get
   * @param released is told, in bytes of blocks, what has left the memory
   */
  PartStream(PartTarget target, BatchBuilder.Times times, long lower, LongConsumer released) {
    this.target = target;
    this.timesAtEnd = times == BatchBuilder.Times.AT_CUT;
    this.provisionalTime = lower;
    this.released = released;
    this.finishTime = lower;
  }

  private record Added(UpdateBlock block, Promise<Void> encoded) {}

  /** A part that is durable, and which times it holds. */
  record Closed(String key, EncodedSize size, int schema, long minTime, long maxTime) {

    Part.Hollow part(BatchDescription bounds, @Nullable Long rewrite) {
      return new Part.Hollow(
          key, size.bytes(), size.crc32c(), size.updates(), bounds, rewrite, schema);
    }

    /** The part, all of whose updates get one time. */
    Part.Hollow rewritten(long time) {
      BatchDescription at = new BatchDescription(Antichain.of(time), Antichain.of(time + 1));
      return part(at, minTime == time && maxTime == time ? null : time);
    }

    /** The part's times, as a range. */
    BatchDescription range() {
      return new BatchDescription(Antichain.of(minTime), Antichain.of(maxTime + 1));
    }

    /** The part's times within {@code range}, as a range; null if there is none. */
    @Nullable BatchDescription within(BatchDescription range) {
      Antichain from = Antichain.join(range.lower(), Antichain.of(minTime));
      Antichain to = Antichain.meet(range.upper(), Antichain.of(maxTime + 1));
      return from.lessThan(to) ? new BatchDescription(from, to) : null;
    }
  }

  /** What an encoded part measures. */
  record EncodedSize(int bytes, int crc32c, long updates) {}

  /** Takes a block. Completes when it is encoded, and more may come. */
  Future<Void> add(UpdateBlock block) {
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    Added added = new Added(block, Promise.promise());
    pending.add(added);
    heldBytes += block.bytes();
    pump();
    return added.encoded().future();
  }

  /** Takes blocks in order. Completes when the last of them is encoded. */
  Future<Void> addAll(List<UpdateBlock> blocks) {
    Future<Void> encoded = Future.succeededFuture();
    for (UpdateBlock block : blocks) {
      encoded = add(block);
    }
    return encoded;
  }

  /** Closes the part that is open, however small it is, so that its memory is given back. */
  void flush() {
    flushing = true;
    pump();
  }

  /** The bytes of blocks that are not durable yet. */
  long heldBytes() {
    return heldBytes;
  }

  /**
   * Ends the stream.
   *
   * @param time the time of all updates, where they have none of their own
   * @return every part, in order, once all of them are durable
   */
  Future<List<Closed>> finish(long time) {
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    finishTime = time;
    Promise<List<Closed>> promise = Promise.promise();
    finishing = promise;
    pump();
    return promise.future();
  }

  /**
   * Gives the stream up: nothing more is encoded. The keys of the parts that are durable already.
   */
  List<String> abandon() {
    fail(new IllegalStateException("the batch was discarded"));
    List<String> keys = new ArrayList<>();
    for (Future<Closed> upload : uploads) {
      if (upload.succeeded()) {
        keys.add(upload.result().key());
      }
    }
    return keys;
  }

  /** Does what can be done now. What it starts may end at once, and come back here. */
  private void pump() {
    again = true;
    if (pumping) {
      return;
    }
    pumping = true;
    while (again) {
      again = false;
      step();
    }
    pumping = false;
  }

  private void step() {
    while (failure == null && !full.isEmpty() && uploading < target.options().uploads()) {
      upload(full.remove());
    }
    if (encoding || failure != null || uploading >= target.options().uploads()) {
      return;
    }
    if (!pending.isEmpty()) {
      List<Added> taken = take();
      encode(() -> encodeAll(taken), taken);
    } else if ((finishing != null || flushing) && writer != null) {
      encodeLast(writer, finishing == null ? provisionalTime : finishTime);
    } else if (finishing != null) {
      awaitUploads(finishing);
    } else {
      flushing = false;
    }
  }

  private void encodeLast(PartWriter last, long time) {
    long bytes = writerBytes;
    writer = null;
    writerBytes = 0;
    flushing = false;
    encode(() -> List.of(new Filled(finished(last, time), bytes)), List.of());
  }

  private List<Added> take() {
    List<Added> taken = new ArrayList<>();
    long bytes = 0;
    while (!pending.isEmpty() && bytes < MAX_ENCODED_AT_ONCE) {
      Added next = pending.remove();
      bytes += next.block().bytes();
      taken.add(next);
    }
    return taken;
  }

  /** A part that is full, and how many bytes of blocks went into it. */
  private record Filled(EncodedPart part, long blockBytes) {}

  private void encode(Callable<List<Filled>> work, List<Added> taken) {
    encoding = true;
    target.environment().offload().call(work).onComplete(done -> encoded(done, taken));
  }

  private void encoded(AsyncResult<List<Filled>> done, List<Added> taken) {
    encoding = false;
    if (done.failed()) {
      fail(done.cause());
    }
    Throwable cause = failure;
    if (cause != null) {
      taken.forEach(added -> added.encoded().fail(cause));
      return;
    }
    full.addAll(done.result());
    pump();
    taken.forEach(added -> added.encoded().complete());
  }

  private void upload(Filled filled) {
    EncodedPart part = filled.part();
    // What stays until the batch is cut must not hold on to the file.
    EncodedSize size = new EncodedSize(part.file().length, part.crc32c(), part.updates());
    long minTime = part.minTime();
    long maxTime = part.maxTime();
    long blockBytes = filled.blockBytes();
    uploading++;
    int schema = target.registered().id();
    Future<Closed> upload =
        target.upload(part).map(key -> new Closed(key, size, schema, minTime, maxTime));
    // Noted before anything looks at its end: the store may have answered already.
    uploads.add(upload);
    upload.onComplete(done -> uploaded(done, blockBytes));
  }

  private void uploaded(AsyncResult<Closed> done, long blockBytes) {
    uploading--;
    if (done.failed()) {
      fail(done.cause());
    } else if (failure == null) {
      CrashPoint.W4.reached(target.environment());
      release(blockBytes);
      pump();
    }
  }

  private void awaitUploads(Promise<List<Closed>> promise) {
    finishing = null;
    Future.all(uploads).map(all -> all.<Closed>list()).onComplete(promise);
  }

  private void release(long bytes) {
    heldBytes -= bytes;
    released.accept(bytes);
  }

  private void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
      release(heldBytes);
      pending.forEach(added -> added.encoded().fail(cause));
      pending.clear();
      full.clear();
      if (finishing != null) {
        finishing.fail(cause);
        finishing = null;
      }
    }
  }

  // The methods below run on the offload, one at a time: see `encoding`.

  private List<Filled> encodeAll(List<Added> taken) {
    List<Filled> filled = new ArrayList<>();
    for (Added added : taken) {
      UpdateBlock block = added.block();
      if (writer != null && !writer.accepts(block)) {
        filled.add(close(writer));
      }
      PartWriter open = writer == null ? new PartWriter(target.schema()) : writer;
      open.write(block);
      writerBytes += block.bytes();
      writer = open;
      if (writerBytes >= target.options().partBytes()) {
        filled.add(close(open));
      }
    }
    return filled;
  }

  private Filled close(PartWriter full) {
    Filled filled = new Filled(finished(full, provisionalTime), writerBytes);
    writer = null;
    writerBytes = 0;
    return filled;
  }

  private EncodedPart finished(PartWriter full, long time) {
    return timesAtEnd ? full.finish(time) : full.finish();
  }
}
