package io.tidemark.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a message. Within a process the block itself travels; between processes its bytes do,
 * and are decoded, and checked, by whoever knows the schema.
 */
public final class Rows {

  private final @Nullable UpdateBlock block;
  private final byte @Nullable [] encoded;

  private Rows(@Nullable UpdateBlock block, byte @Nullable [] encoded) {
    this.block = block;
    this.encoded = encoded;
  }

  public static Rows of(UpdateBlock block) {
    return new Rows(block, null);
  }

  /** Rows of which nothing is known yet. */
  @JsonCreator
  public static Rows encoded(byte[] bytes) {
    return new Rows(null, bytes);
  }

  /**
   * The rows, which fit the schema.
   *
   * @throws io.tidemark.row.InvalidRowException if they do not, or are damaged
   */
  public UpdateBlock decode(Schema schema) {
    if (block != null && block.schema().equals(schema)) {
      return block;
    }
    return BlockCodec.decode(schema, encode());
  }

  /** The bytes of the rows. */
  @JsonValue
  public byte[] encode() {
    if (encoded != null) {
      return encoded;
    }
    if (block == null) {
      throw new IllegalStateException("rows hold a block or its bytes");
    }
    return BlockCodec.encode(block);
  }

  /** About how many bytes of memory the rows take, decoded or not. */
  public long bytes() {
    return block != null ? block.bytes() : encoded == null ? 0 : encoded.length;
  }
}
