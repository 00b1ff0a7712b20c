package io.tidemark.protocol;

import io.tidemark.persist.Advance;
import io.tidemark.persist.Batch;
import io.tidemark.persist.Position;
import io.tidemark.persist.ShardId;
import io.tidemark.persist.VersionedSchema;
import io.tidemark.persist.WriterId;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import io.tidemark.row.Schema;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The messages between the parts of one collection's pipeline. All are immutable, idempotent, and
 * name their collection and epoch; one of another epoch is refused with {@link
 * FailureCode#STALE_EPOCH}.
 */
public final class Messages {

  private Messages() {}

  /** A message of an epoch. */
  public interface InEpoch {
    String collection();

    long epoch();
  }

  /**
   * Mint asks a writer to take part in an epoch. Answered with {@link Ack}.
   *
   * @param upload under which id the epoch's parts are uploaded
   * @param upper the shard's upper when the epoch began
   * @param coordination names the addresses of the minter and the appender
   */
  public record Join(
      String collection,
      long epoch,
      ShardId shard,
      WriterId upload,
      Antichain upper,
      VersionedSchema registered,
      Mode mode,
      int partitions,
      Map<String, String> offsets,
      String coordination)
      implements InEpoch {

    /** The columns of the epoch: it writes under these, also if the collection is altered. */
    public Schema schema() {
      return registered.schema();
    }
  }

  /**
   * Mint tells a writer that joined who takes part; that never changes within an epoch. Answered
   * with {@link Ack}.
   */
  public record Roster(String collection, long epoch, List<String> writers) implements InEpoch {

    public Roster {
      writers = List.copyOf(writers);
    }
  }

  /** It was done, now or before. */
  public record Ack() {}

  /**
   * A batch description of an epoch, and who gives a token for it.
   *
   * @param writers those that mint knows to hold updates; null for the whole roster
   */
  public record Numbered(
      long number, BatchDescription description, @Nullable List<String> writers) {

    public Numbered {
      writers = writers == null ? null : List.copyOf(writers);
    }

    /** A description for which the whole roster gives tokens. */
    public Numbered(long number, BatchDescription description) {
      this(number, description, null);
    }

    /** Whether this writer gives a token. */
    public boolean asks(String writer) {
      return writers == null || writers.contains(writer);
    }
  }

  /** Published: the descriptions that are not committed yet, oldest first. */
  public record Descriptions(String collection, long epoch, List<Numbered> open)
      implements InEpoch {

    public Descriptions {
      open = List.copyOf(open);
    }
  }

  /**
   * A writer tells mint that it holds updates that came after the description {@code after}. Said
   * once, and again if no description follows.
   *
   * @param bytes about how many
   */
  public record Held(String collection, long epoch, String writer, long after, long bytes)
      implements InEpoch {}

  /** A writer tells mint how far its source partitions have come. Answered with {@link Ack}. */
  public record Frontiers(
      String collection, long epoch, String writer, Map<Integer, Antichain> frontiers)
      implements InEpoch {}

  /**
   * A writer gives the appender its part of a description; also when it is empty. Answered with
   * {@link Committed} once that is so.
   *
   * @param advances the producers whose messages are in the batch
   * @param offsets by source partition, where the source stands at the description's upper
   */
  public record Token(
      String collection,
      long epoch,
      String writer,
      long number,
      Batch batch,
      Map<String, Advance> advances,
      Map<String, String> offsets,
      Counts counts)
      implements InEpoch {}

  /** A writer tells the appender that its token for a description is still being made. */
  public record Working(String collection, long epoch, String writer, long number)
      implements InEpoch {}

  /** Everything up to a description is committed. */
  public record Committed(String collection, long epoch, long number, Antichain upper)
      implements InEpoch {}

  /** Append tells mint that an epoch has begun. Answered with {@link Ack}. */
  public record EpochStarted(Join join) {}

  /**
   * Mint, or a writer, asks append for a new epoch.
   *
   * @param planned whether everything that was described is committed: then the next one begins at
   *     once
   */
  public record EndEpoch(String collection, long epoch, boolean planned, String reason)
      implements InEpoch {}

  /**
   * Append tells mint that the collection has a newer schema than the epoch: the next one is to
   * begin, in order. Said again with each commit, since it may be lost.
   */
  public record Outdated(String collection, long epoch) implements InEpoch {}

  /**
   * A node that leaves, and leaves no writer behind, asks each of its own to take no more in.
   * Answered with {@link Ack} once everything that was taken is durable, or time is up.
   */
  public record Retire() {}

  /** A writer asks the appender where a producer stands. Answered with {@link Standing}. */
  public record WhereIs(String collection, long epoch, String producer) implements InEpoch {}

  /**
   * Where a producer stands.
   *
   * @param room whether the shard can remember one more producer, should this one be new
   */
  public record Standing(Position position, boolean room) {}

  /**
   * A producer's message, for the writer that the roster assigns to it. Answered with {@link
   * Receipt} once it is durable.
   *
   * @param session what opening answered; 0 for who does not open
   * @param sequence counts the producer's messages from 1, without gaps
   */
  public record Submit(
      String collection, long epoch, String producer, long session, long sequence, Rows rows)
      implements InEpoch {}

  /**
   * A producer opens a session, which fences its earlier ones. Answered with {@link Session}.
   *
   * @param instance names the one who opens
   * @param attempt counts the openings of that one, so that a late message opens nothing
   */
  public record OpenProducer(
      String collection, long epoch, String producer, String instance, long attempt)
      implements InEpoch {}

  /**
   * A producer's session.
   *
   * @param epoch in which epoch it holds
   * @param writer where its messages go
   * @param committed where the producer stands, durably
   * @param accepted the last of its messages that the writer has taken: these keep their numbers
   * @param instance who sent that last message, as it named itself; empty if it did not
   * @param upper the shard's upper
   * @param shard where the producer stands: in another one of the same name it stands at 0
   * @param credit how many bytes may be unanswered
   */
  public record Session(
      long epoch,
      String writer,
      long session,
      Position committed,
      long accepted,
      String instance,
      Antichain upper,
      Schema schema,
      ShardId shard,
      long credit) {}

  /**
   * The updates are durable.
   *
   * @param time a time at which a snapshot holds them
   * @param upper the shard's upper with them
   */
  public record Receipt(long time, Antichain upper) {}

  /** Somebody asks, at the address for opening, which epoch a writer is in. */
  public record WhichEpoch() {}

  /** The epoch that a writer is in, and who takes part in it. */
  public record CurrentEpoch(long epoch, List<String> writers) {

    public CurrentEpoch {
      writers = List.copyOf(writers);
    }
  }

  /** A source claims a partition; an earlier claim is fenced. Answered with {@link Claim}. */
  public record ClaimPartition(
      String collection, long epoch, int partition, String instance, long attempt)
      implements InEpoch {}

  /**
   * A claim on a source partition.
   *
   * @param upper from where the source resumes: what is before it is in the shard
   * @param offset where the source said it stands at some upper at or before this one, as JSON text
   */
  public record Claim(
      long epoch,
      String writer,
      long session,
      Antichain upper,
      @Nullable String offset,
      Schema schema,
      long credit) {}

  /**
   * A source's updates, then its frontier. Answered with {@link Taken}: when the updates are
   * staged, or, if it has a frontier, when the shard's upper has reached that.
   *
   * @param sequence counts the claim's messages from 1, without gaps
   * @param frontier the partition's frontier after these updates, null if it did not move
   * @param offset where the source stands at that frontier, as JSON text
   */
  public record SubmitSource(
      String collection,
      long epoch,
      int partition,
      long session,
      long sequence,
      @Nullable Rows rows,
      @Nullable Frontier frontier,
      @Nullable String offset)
      implements InEpoch {}

  /** A frontier that may be missing: the empty one is a value too. */
  public record Frontier(Antichain at) {}

  /** A source's message was taken. */
  public record Taken(Antichain upper) {}

  /**
   * Somebody begins to read a collection. Answered with {@link Reading}.
   *
   * @param from the text of a {@link ReadPosition}
   */
  public record OpenReading(String collection, String from) {}

  /**
   * A reading has begun.
   *
   * @param reader the address where what follows is asked for
   * @param session names the reading there
   * @param from the position from which it begins, as text
   * @param shard what is read: positions are of this shard, and of no other of the same name
   */
  public record Reading(String reader, String session, String from, Schema schema, ShardId shard) {}

  /**
   * A reader asks for a block: that is the credit for it. Answered with {@link Block} when there is
   * something, or nothing for a while. Several may be asked for at once.
   *
   * @param number which block, counted from 1
   * @param received up to which block the reader has all: these are not asked for again
   */
  public record NextBlock(String session, long number, long received) {}

  /**
   * Some updates of a collection.
   *
   * @param updates null if there are none
   * @param position where the reader stands with them, as text
   * @param schema of the updates, if it is not the one that was told at the beginning: null if it
   *     is
   */
  public record Block(
      long number, @Nullable Rows updates, String position, @Nullable Schema schema) {}

  /** A reader asks for nothing more. Answered with {@link Ack}. */
  public record CloseReading(String session) {}
}
