package io.tidemark.write;

import io.tidemark.environment.CrashPoint;
import io.tidemark.persist.Batch;
import io.tidemark.persist.BatchBuilder;
import io.tidemark.persist.PartTarget;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.Addresses;
import io.tidemark.protocol.FailureCode;
import io.tidemark.protocol.Messages.Claim;
import io.tidemark.protocol.Messages.ClaimPartition;
import io.tidemark.protocol.Messages.Committed;
import io.tidemark.protocol.Messages.Descriptions;
import io.tidemark.protocol.Messages.EndEpoch;
import io.tidemark.protocol.Messages.Frontiers;
import io.tidemark.protocol.Messages.Held;
import io.tidemark.protocol.Messages.Join;
import io.tidemark.protocol.Messages.Numbered;
import io.tidemark.protocol.Messages.OpenProducer;
import io.tidemark.protocol.Messages.Receipt;
import io.tidemark.protocol.Messages.Session;
import io.tidemark.protocol.Messages.Standing;
import io.tidemark.protocol.Messages.Submit;
import io.tidemark.protocol.Messages.SubmitSource;
import io.tidemark.protocol.Messages.Taken;
import io.tidemark.protocol.Messages.Token;
import io.tidemark.protocol.Messages.WhereIs;
import io.tidemark.protocol.Messages.Working;
import io.tidemark.protocol.Mode;
import io.tidemark.protocol.RefusedException;
import io.tidemark.protocol.Rows;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.AsyncResult;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does for one epoch what its {@link EpochWriter} decides: stages rows into batches, sends tokens,
 * and asks until it is answered. What comes back after the epoch's end is dropped.
 */
final class EpochRun implements EpochWriter.Port {

  /** How long the appender may take to answer a token. It is sent again when mint repeats. */
  private static final long TOKEN_MILLIS = 1_000;

  /** How long a question to mint or the appender may take. It is asked again. */
  private static final long QUESTION_MILLIS = 1_000;

  private static final Logger log = LoggerFactory.getLogger(EpochRun.class);

  private final WriteContext context;
  private final Join join;
  private final List<String> roster;
  private final BatchBuilder builder;
  private final EpochWriter writer;
  private final RowDecoder decoder;
  private final Runnable pressed;
  private final Set<Long> tokensSent = new HashSet<>();
  private final String mint;
  private final String append;
  private long saidAfter = -1;
  private @Nullable Map<Integer, Antichain> unsaidFrontiers;
  private boolean sayingFrontiers;

  /**
   * @param pressed is run when the memory for rows is short
   */
  EpochRun(
      WriteContext context,
      Join join,
      List<String> roster,
      IngestWriter.Factory factory,
      Runnable pressed) {
    this.context = context;
    this.pressed = pressed;
    this.decoder = new RowDecoder(join.schema(), join.mode(), context.settings().maxMessageBytes());
    this.join = join;
    this.roster = roster;
    this.mint = Addresses.mint(join.coordination());
    this.append = Addresses.append(join.coordination());
    PartTarget target =
        new PartTarget(
            context.persist().blob(),
            join.shard(),
            join.upload(),
            join.registered(),
            context.environment(),
            context.persist().options());
    boolean ingest = join.mode() == Mode.INGEST;
    this.builder =
        new BatchBuilder(
            target,
            join.upper(),
            ingest ? BatchBuilder.Times.AT_CUT : BatchBuilder.Times.GIVEN,
            context.budget()::release);
    this.writer =
        ingest ? factory.create(join, context.writer(), context.settings(), this) : sourceWriter();
  }

  private EpochWriter sourceWriter() {
    List<Integer> owned = Assignment.partitionsOf(context.writer(), join.partitions(), roster);
    return new SourceWriter(join, context.writer(), owned, context.settings(), this);
  }

  Join join() {
    return join;
  }

  List<String> roster() {
    return roster;
  }

  /** A producer opens a session. */
  void open(OpenProducer open, Answer<Session> answer) {
    ingest().open(open, answer);
  }

  /** A producer's message. */
  void submit(Submit message, Answer<Receipt> answer) {
    ingest().submit(message, decode(message.rows()), nowMillis(), answer);
    say();
  }

  /** A source claims a partition. */
  void claim(ClaimPartition claim, Answer<Claim> answer) {
    source().claim(claim, answer);
  }

  /** A source's message. */
  void submit(SubmitSource message, Answer<Taken> answer) {
    UpdateBlock rows = message.rows() == null ? null : decode(message.rows());
    SourceWriter source = source();
    long before = source.skipped();
    source.submit(message, rows, nowMillis(), answer);
    context.meters().skipped(join.collection(), source.skipped() - before);
  }

  /** What fits a newer schema only has to wait for the next epoch, which has that. */
  private UpdateBlock decode(Rows rows) {
    try {
      return decoder.decode(rows);
    } catch (InvalidRowException e) {
      throw new RefusedException(
          FailureCode.STALE_EPOCH,
          "epoch "
              + join.epoch()
              + " of '"
              + join.collection()
              + "' began before its columns were altered ("
              + e.getMessage()
              + "): open again and send it again");
    }
  }

  private IngestWriter ingest() {
    if (writer instanceof IngestWriter ingest) {
      return ingest;
    }
    throw new RefusedException(
        FailureCode.INVALID_ROW,
        "'" + join.collection() + "' is in source mode: claim a partition, and send with it");
  }

  private SourceWriter source() {
    if (writer instanceof SourceWriter source) {
      return source;
    }
    throw new RefusedException(
        FailureCode.INVALID_ROW,
        "'" + join.collection() + "' is in ingest mode, and has no partitions: send rows alone");
  }

  private long nowMillis() {
    return context.environment().clock().monotonicMillis();
  }

  /** Whether nothing would be lost if this ended now; a source sends again what is staged. */
  boolean isIdle() {
    return join.mode() == Mode.SOURCE || writer.isIdle();
  }

  void described(Descriptions published) {
    if (!published.open().isEmpty() && published.open().get(0).number() <= writer.lastCut()) {
      CrashPoint.W7.reached(context.environment());
    }
    writer.described(published.open());
    say();
  }

  /** What is done every now and then: asks again, and refuses what waits for nothing. */
  void tick() {
    saidAfter = -1;
    say();
    sayFrontiers();
    if (writer instanceof IngestWriter ingest) {
      ingest.refuseOverdue(nowMillis());
    } else if (writer instanceof SourceWriter source) {
      source.refuseOverdue(nowMillis());
    }
  }

  /** Tells mint of staged rows, once after each description. */
  void say() {
    if (join.mode() == Mode.INGEST
        && writer.ending() == null
        && writer.stagedBytes() > 0
        && saidAfter != writer.lastCut()) {
      saidAfter = writer.lastCut();
      context
          .bus()
          .send(
              mint,
              new Held(
                  join.collection(),
                  join.epoch(),
                  context.writer(),
                  saidAfter,
                  writer.stagedBytes()));
    }
  }

  /** Drops everything that is not in the shard, and tells everybody who waits for it. */
  void end(String reason) {
    if (writer.ending() == null) {
      writer.end(reason);
      builder
          .discard()
          .onFailure(e -> log.warn("'{}': parts were not deleted", join.collection(), e));
    }
  }

  /** Gives memory back at the price of small parts. */
  void flush() {
    builder.flush();
  }

  long heldBytes() {
    return builder.heldBytes();
  }

  @Override
  public boolean reserve(long bytes) {
    boolean reserved = context.budget().reserve(bytes);
    if (!reserved) {
      pressed.run();
    }
    return reserved;
  }

  @Override
  public void stage(UpdateBlock rows, Runnable taken) {
    CrashPoint.W1.reached(context.environment());
    context.meters().staged(join.collection(), rows.size());
    builder.add(rows).onComplete(added -> staged(added, taken));
  }

  private void staged(AsyncResult<Void> added, Runnable taken) {
    if (added.failed()) {
      broken("its rows were not stored", added.cause());
    }
    taken.run();
  }

  @Override
  public void cut(Numbered numbered) {
    builder.cut(numbered.description()).onComplete(batch -> cut(numbered.number(), batch));
  }

  private void cut(long number, AsyncResult<Batch> batch) {
    if (batch.succeeded()) {
      CrashPoint.W5.reached(context.environment());
      writer.batch(number, batch.result());
    } else {
      broken("its batch was not stored", batch.cause());
    }
  }

  private void broken(String what, Throwable cause) {
    if (writer.ending() == null) {
      log.warn("'{}' epoch {}: {}", join.collection(), join.epoch(), what, cause);
      endEpoch(what + ": " + cause.getMessage());
      end(what);
    }
  }

  @Override
  public void send(Token token) {
    if (tokensSent.add(token.number())) {
      context
          .bus()
          .request(append, token, TOKEN_MILLIS)
          .onComplete(answer -> answered(token.number(), answer));
      CrashPoint.W6.reached(context.environment());
    }
  }

  private void answered(long number, AsyncResult<Object> answer) {
    tokensSent.remove(number);
    if (writer.ending() != null) {
      return;
    }
    if (answer.succeeded()) {
      writer.committed(((Committed) answer.result()).number());
      say();
    } else if (RefusedException.of(answer.cause()).code() == FailureCode.STALE_EPOCH) {
      end(String.valueOf(answer.cause().getMessage()));
    }
    // Else it is not known, or not there for a while: mint repeats, and then this is sent again.
  }

  @Override
  public void working(long number) {
    context
        .bus()
        .send(append, new Working(join.collection(), join.epoch(), context.writer(), number));
  }

  @Override
  public void whereIs(String producer) {
    context
        .bus()
        .request(append, new WhereIs(join.collection(), join.epoch(), producer), QUESTION_MILLIS)
        .onComplete(answer -> standing(producer, answer));
  }

  private void standing(String producer, AsyncResult<Object> answer) {
    if (writer.ending() != null) {
      return;
    }
    if (answer.succeeded()) {
      ingest().standing(producer, (Standing) answer.result());
      say();
    } else {
      context
          .environment()
          .timers()
          .after(context.settings().repeatMillis(), () -> askAgain(producer));
    }
  }

  private void askAgain(String producer) {
    if (writer.ending() == null) {
      whereIs(producer);
    }
  }

  @Override
  public void endEpoch(String reason) {
    context.bus().send(append, new EndEpoch(join.collection(), join.epoch(), false, reason));
  }

  @Override
  public void frontiers(Map<Integer, Antichain> frontiers) {
    unsaidFrontiers = frontiers;
    sayFrontiers();
  }

  private void sayFrontiers() {
    Map<Integer, Antichain> saying = unsaidFrontiers;
    if (saying == null || sayingFrontiers || writer.ending() != null) {
      return;
    }
    sayingFrontiers = true;
    context
        .bus()
        .request(
            mint,
            new Frontiers(join.collection(), join.epoch(), context.writer(), saying),
            QUESTION_MILLIS)
        .onComplete(
            answer -> {
              sayingFrontiers = false;
              if (answer.succeeded()) {
                unsaidFrontiers = unsaidFrontiers == saying ? null : unsaidFrontiers;
                sayFrontiers();
              }
            });
  }
}
