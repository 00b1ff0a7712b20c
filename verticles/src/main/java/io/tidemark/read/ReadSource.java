package io.tidemark.read;

import io.tidemark.environment.Loop;
import io.tidemark.persist.Listen;
import io.tidemark.persist.ListenEvent;
import io.tidemark.persist.ReadHandle;
import io.tidemark.persist.Snapshot;
import io.tidemark.persist.VersionedSchema;
import io.tidemark.persist.consolidate.Step;
import io.tidemark.progress.Antichain;
import io.tidemark.protocol.ReadPosition;
import io.tidemark.protocol.ReadPosition.Kind;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows a position, block by block, each with the position after it. Gathers one step at a
 * time: the contents at one time, or the updates up to where the collection is complete. Belongs to
 * one context.
 */
final class ReadSource {

  private static final Logger log = LoggerFactory.getLogger(ReadSource.class);

  private final ReadContext world;
  private final Turns turns;
  private final ReadHandle handle;
  private ReadPosition position;
  private @Nullable Listen listen;
  private @Nullable Snapshot snapshot;
  private @Nullable Step step;

  /** The schema of the step. */
  private VersionedSchema schema;

  /** Where the step ends; null until that is known. */
  private @Nullable Antichain until;

  private boolean hasTurn;
  private boolean closed;
  private Future<?> underWay = Future.succeededFuture();

  /** A source that goes on from {@code from}, and closes {@code handle}. */
  ReadSource(ReadContext world, Turns turns, ReadHandle handle, ReadPosition from) {
    this.world = world;
    this.turns = turns;
    this.handle = handle;
    this.schema = handle.registered();
    this.position = from;
  }

  /** Some updates, if there are any, and the position with them. */
  record Given(@Nullable UpdateBlock updates, ReadPosition position) {}

  /** Where everything that was given ends. */
  ReadPosition position() {
    return position;
  }

  /** The next updates, as soon as they are complete. One call at a time. */
  Future<Given> next() {
    if (closed || position.atEnd()) {
      return Future.succeededFuture(new Given(null, position));
    }
    Future<Given> given =
        step == null
            ? begin().compose(begun -> Loop.whileTrue(this::gather)).compose(done -> give())
            : give();
    underWay = given;
    return given;
  }

  /** Whatever may have been committed: looks again. */
  void wake() {
    if (listen != null) {
      listen.wake();
    }
  }

  private Future<Void> begin() {
    until = position.until();
    if (position.kind() == Kind.SNAPSHOT) {
      return beginSnapshot();
    }
    step = newStep(handle.registered());
    if (listen != null) {
      return Future.succeededFuture();
    }
    hold(position);
    return handle.listen(position.frontier().time() - 1).map(this::listening);
  }

  /**
   * Keeps readable what a reader at {@code at} may need, should it have to begin again elsewhere:
   * the listen itself is ahead of it.
   */
  void hold(ReadPosition at) {
    Antichain end = at.until();
    Antichain needed = at.kind() == Kind.SNAPSHOT && end != null ? end : at.frontier();
    if (!closed && !needed.isEmpty() && needed.time() > 0) {
      handle
          .downgradeSince(Antichain.of(needed.time() - 1))
          .onFailure(e -> log.debug("a reading's since was not told", e));
    }
  }

  private Void listening(Listen begun) {
    listen = begun;
    return null;
  }

  private Future<Void> beginSnapshot() {
    Antichain end = until;
    if (end != null && end.equals(Antichain.minimum())) {
      step = newStep(handle.registered());
      return Future.succeededFuture(); // the contents before there was any
    }
    OptionalLong asOf =
        end == null
            ? OptionalLong.empty()
            : OptionalLong.of(end.isEmpty() ? Antichain.MAX_TIME : end.time() - 1);
    return takeTurn()
        .compose(turn -> handle.snapshot(asOf, world.settings().snapshot()))
        .map(
            begun -> {
              snapshot = begun;
              until = ReadPosition.after(begun.asOf());
              step = newStep(begun.schema());
              return null;
            });
  }

  /**
   * A step of rows of a schema. One that others have begun goes on with theirs, so that the rows
   * come in the same order: what it holds was committed before there was a newer one.
   */
  private Step newStep(VersionedSchema newest) {
    schema =
        position.after() == null ? newest : handle.registered(position.schema()).orElse(newest);
    return new Step(
        schema.schema(),
        world.settings().blockBytes(),
        world.settings().step(world.environment().entropy().nextId()),
        position.after());
  }

  /** Takes something in. False once the step is whole. */
  private Future<Boolean> gather() {
    if (closed) {
      return Future.failedFuture(new IllegalStateException("the reading was closed"));
    }
    if (position.kind() == Kind.SNAPSHOT) {
      return snapshot == null
          ? Future.succeededFuture(false)
          : snapshot.next().compose(this::contents);
    }
    if (listen == null) {
      throw new IllegalStateException("a step without a listen");
    }
    return listen.next().compose(this::heard);
  }

  private Future<Boolean> contents(Optional<UpdateBlock> block) {
    if (block.isPresent()) {
      return add(block.get()).map(true);
    }
    return closeSnapshot().map(false);
  }

  private Future<Boolean> heard(ListenEvent event) {
    Antichain goal = position.until();
    if (event instanceof ListenEvent.Updates updates) {
      UpdateBlock block = updates.block();
      return add(goal == null || goal.isEmpty()
              ? block
              : block.select(i -> block.times().get(i) < goal.time()))
          .map(true);
    }
    Antichain frontier = ((ListenEvent.Progress) event).frontier();
    if (goal == null) {
      until = frontier;
      return Future.succeededFuture(false);
    }
    if (frontier.lessThan(goal)) {
      return Future.succeededFuture(true);
    }
    closeListen(); // it may have come past the end of the step
    return Future.succeededFuture(false);
  }

  private Future<Void> add(UpdateBlock block) {
    Step to = stepOf(block);
    if (to.isSmallWith(block)) {
      to.add(block.under(schema.schema()));
      return Future.succeededFuture();
    }
    return takeTurn()
        .compose(
            turn ->
                world
                    .environment()
                    .offload()
                    .call(
                        () -> {
                          to.add(block.under(schema.schema()));
                          return null;
                        }));
  }

  /**
   * The step that a block goes into: while it waited for its first, the schema may have changed.
   */
  private Step stepOf(UpdateBlock first) {
    Step waiting = current();
    if (position.after() == null && waiting.isEmpty() && !first.schema().equals(schema.schema())) {
      waiting = newStep(handle.registered(first.schema()));
      step = waiting;
    }
    return waiting;
  }

  private Step current() {
    if (step == null) {
      throw new IllegalStateException("there is no step");
    }
    return step;
  }

  private Future<Void> takeTurn() {
    if (hasTurn) {
      return Future.succeededFuture();
    }
    return turns
        .take()
        .compose(
            taken -> {
              if (closed) {
                turns.giveBack();
                return Future.failedFuture(new IllegalStateException("the reading was closed"));
              }
              hasTurn = true;
              return Future.succeededFuture();
            });
  }

  private void giveTurnBack() {
    if (hasTurn) {
      hasTurn = false;
      turns.giveBack();
    }
  }

  private Future<Given> give() {
    Step from = current();
    Future<Step.@Nullable Piece> piece =
        from.isSmall()
            ? Future.succeededFuture(from.next())
            : world.environment().offload().call(from::next);
    return piece.compose(this::given);
  }

  private Future<Given> given(Step.@Nullable Piece piece) {
    Antichain end = until;
    if (end == null) {
      throw new IllegalStateException("the step has no end");
    }
    if (piece != null && piece.offset() != null) {
      position = position.step(end, piece.offset(), schema.id());
      return Future.succeededFuture(new Given(piece.updates(), position));
    }
    position = ReadPosition.since(end);
    Given given = new Given(piece == null ? null : piece.updates(), position);
    return closeStep().map(given);
  }

  private Future<Void> closeStep() {
    Step done = step;
    step = null;
    if (done == null || done.isSmall()) {
      giveTurnBack();
      return Future.succeededFuture();
    }
    return world
        .environment()
        .offload()
        .<Void>call(
            () -> {
              done.close();
              return null;
            })
        .onComplete(ended -> giveTurnBack());
  }

  private Future<Void> closeSnapshot() {
    Snapshot done = snapshot;
    snapshot = null;
    return done == null ? Future.succeededFuture() : done.close();
  }

  private void closeListen() {
    if (listen != null) {
      listen.close();
      listen = null;
    }
  }

  /** Gives back what the reading took, once what is under way has ended. */
  Future<Void> close() {
    if (closed) {
      return Future.succeededFuture();
    }
    closed = true;
    closeListen();
    return underWay
        .<Void>mapEmpty()
        .otherwiseEmpty()
        .compose(done -> closeSnapshot())
        .eventually(this::closeStep)
        .eventually(handle::close);
  }
}
