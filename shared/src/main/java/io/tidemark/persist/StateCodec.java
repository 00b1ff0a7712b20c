package io.tidemark.persist;

import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;

/**
 * The state of shards as bytes: CBOR maps with the names of the records' components. A frontier is
 * its time, the empty one null; a range is {@code [lower, upper]}; a column type is its text.
 *
 * <p>A reader skips names that it does not know, and refuses a {@code format} above its own.
 */
final class StateCodec {

  private static final ObjectWriter DIFF_WRITER = Cbor.mapper().writerFor(StateDiff.class);
  private static final ObjectReader DIFF_READER = Cbor.mapper().readerFor(StateDiff.class);
  private static final ObjectWriter STATE_WRITER =
      Cbor.mapper().writerFor(ShardState.Contents.class);
  private static final ObjectReader STATE_READER =
      Cbor.mapper().readerFor(ShardState.Contents.class);

  private StateCodec() {}

  static byte[] encode(StateDiff diff) {
    return write(DIFF_WRITER, diff);
  }

  static byte[] encode(ShardState.Contents state) {
    return write(STATE_WRITER, state);
  }

  /**
   * @throws CorruptShardException if the bytes hold no diff that this version reads
   */
  static StateDiff decodeDiff(ShardId shard, byte[] bytes) {
    StateDiff diff = read(DIFF_READER, StateDiff.class, shard, bytes);
    checkFormat(shard, diff.format());
    return diff;
  }

  /**
   * @throws CorruptShardException if the bytes hold no state that this version reads
   */
  static ShardState.Contents decodeState(ShardId shard, byte[] bytes) {
    ShardState.Contents state = read(STATE_READER, ShardState.Contents.class, shard, bytes);
    checkFormat(shard, state.format());
    if (!state.shard().equals(shard)) {
      throw new CorruptShardException(
          "shard " + shard + ": a rollup holds the state of shard " + state.shard());
    }
    return state;
  }

  private static void checkFormat(ShardId shard, int format) {
    if (format < 1 || format > StateDiff.FORMAT) {
      throw new CorruptShardException(
          "shard "
              + shard
              + " was written in format "
              + format
              + ", and this version of Tidemark"
              + " reads up to "
              + StateDiff.FORMAT
              + ": use the newer version");
    }
  }

  private static byte[] write(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsBytes(value);
    } catch (IOException e) {
      throw new IllegalStateException("state does not encode", e);
    }
  }

  private static <T> T read(ObjectReader reader, Class<T> type, ShardId shard, byte[] bytes) {
    T value;
    try {
      value = reader.readValue(bytes, type);
    } catch (IOException | RuntimeException e) {
      throw new CorruptShardException("shard " + shard + ": its state does not decode", e);
    }
    if (value == null) {
      throw new CorruptShardException("shard " + shard + ": its state is empty");
    }
    return value;
  }
}
