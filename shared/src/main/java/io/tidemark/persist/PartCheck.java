package io.tidemark.persist;

import io.tidemark.environment.Environment;
import io.tidemark.environment.Loop;
import io.tidemark.location.Blob;
import io.tidemark.persist.consolidate.Consolidator;
import io.tidemark.persist.consolidate.DiffOverflowException;
import io.tidemark.persist.part.CorruptPartException;
import io.tidemark.persist.part.PartReader;
import io.tidemark.progress.Antichain;
import io.tidemark.row.BlockCodec;
import io.tidemark.row.InvalidRowException;
import io.tidemark.row.JsonRowWriter;
import io.tidemark.row.RowFields;
import io.tidemark.row.Schema;
import io.tidemark.row.UpdateBlock;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads every part that a state names, as a reader would, and sums up what they hold. Memory is
 * that of one part and of a consolidation.
 */
final class PartCheck {

  private static final String REPORT = "keep a copy of both stores, and report it";
  private static final int SHOWN_LETTERS = 200;

  private final ShardState state;
  private final Blob blob;
  private final StateLoader loader;
  private final History history;
  private final Environment environment;
  private final Findings findings;
  private final Consolidator sums;
  private final ArrayDeque<Part> unread = new ArrayDeque<>();

  /** Parts that are not there, by key: they may have been collected meanwhile. */
  private final Map<String, Finding> suspects = new LinkedHashMap<>();

  private boolean isPartial;
  private long read;
  private long bytes;

  PartCheck(
      ShardState state,
      PersistClient client,
      StateLoader loader,
      History history,
      Environment environment,
      SnapshotOptions options,
      Findings findings) {
    this.state = state;
    this.blob = client.blob();
    this.loader = loader;
    this.history = history;
    this.environment = environment;
    this.findings = findings;
    this.sums =
        new Consolidator(
            state.schema(),
            Antichain.MAX_TIME,
            Snapshot.consolidation(options, environment.entropy()));
    state.trace().batches().forEach(batch -> unread.addAll(batch.parts()));
  }

  long parts() {
    return read;
  }

  long bytes() {
    return bytes;
  }

  Future<Void> run() {
    return Loop.whileTrue(this::step)
        .compose(done -> judge())
        .compose(judged -> environment.offload().call(this::checkSums))
        .eventually(() -> environment.offload().call(this::close));
  }

  private @Nullable Void close() {
    sums.close();
    return null;
  }

  private Future<Boolean> step() {
    Part part = unread.poll();
    if (part == null) {
      return Future.succeededFuture(false);
    }
    Future<Void> checked =
        part instanceof Part.Hollow hollow
            ? history
                .calling(() -> blob.get(hollow.key()))
                .compose(file -> environment.offload().call(() -> check(hollow, file)))
            : environment.offload().call(() -> check((Part.Inline) part));
    return checked.map(true);
  }

  private @Nullable Void check(Part.Hollow part, Optional<byte[]> file) {
    if (file.isEmpty()) {
      isPartial = true;
      suspects.put(part.key(), finding(part, "is missing", Finding.RESTORE));
      return null;
    }
    read++;
    bytes += file.get().length;
    if (file.get().length != part.bytes()) {
      damaged(part, "has " + file.get().length + " bytes instead of " + part.bytes());
      return null;
    }
    try {
      PartReader reader = PartReader.open(schemaOf(part), file.get(), part.crc32c());
      long count = 0;
      long kept = 0;
      for (UpdateBlock block = reader.next(); block != null; block = reader.next()) {
        count += block.size();
        kept += sum(part, block);
      }
      checkCounts(part, count, kept);
    } catch (CorruptPartException e) {
      damaged(part, "is damaged (" + e.getMessage() + ")");
    }
    return null;
  }

  private @Nullable Void check(Part.Inline part) {
    try {
      UpdateBlock block = BlockCodec.decode(schemaOf(part), part.block());
      checkCounts(part, block.size(), sum(part, block));
    } catch (InvalidRowException e) {
      isPartial = true;
      findings.add(
          finding(part, "is damaged (" + e.getMessage() + ")", Finding.CONSENSUS_FROM_BACKUP));
    }
    return null;
  }

  private Schema schemaOf(Part part) {
    return state.schemas().of(Part.schemaId(part));
  }

  /** Adds what a reader is given of a block; how many updates that is. */
  private int sum(Part part, UpdateBlock block) {
    UpdateBlock cut = Parts.cut(part, block);
    if (!cut.isEmpty()) {
      sums.add(cut.under(state.schema()));
    }
    return cut.size();
  }

  /**
   * A part may hold what other batches take. But what is moved to the time of a batch is all of it
   * this batch's.
   */
  private void checkCounts(Part part, long count, long kept) {
    if (count != part.updates()) {
      findings.add(
          finding(
              part, "holds " + count + " updates, and its batch counts " + part.updates(), REPORT));
    } else if (part.rewrite() != null && kept != count) {
      findings.add(
          finding(part, "has " + (count - kept) + " updates outside of its batch", REPORT));
    }
  }

  private void damaged(Part.Hollow part, String fault) {
    isPartial = true;
    findings.add(finding(part, fault, Finding.FROM_BACKUP));
  }

  private static Finding finding(Part part, String fault, String remedy) {
    return new Finding(
        part instanceof Part.Hollow hollow ? "part " + hollow.key() : "an inline part",
        fault,
        part.updates() + " updates at times in " + part.bounds() + " cannot be relied on",
        remedy);
  }

  /** What the newest state does not name any more was replaced, and is no fault. */
  private Future<Void> judge() {
    if (suspects.isEmpty()) {
      return Future.succeededFuture();
    }
    return history.calling(loader::reload).map(this::judge);
  }

  private @Nullable Void judge(StateLoader.Loaded newest) {
    Set<String> named = newest.state().trace().keys();
    suspects.forEach(
        (key, finding) -> {
          if (named.contains(key)) {
            findings.add(finding);
          } else {
            findings.disturb();
          }
        });
    return null;
  }

  /** Nothing can be said of sums to which something is missing. */
  private @Nullable Void checkSums() {
    if (isPartial) {
      return null;
    }
    long rows = 0;
    String example = "";
    try {
      for (UpdateBlock block = sums.next(); block != null; block = sums.next()) {
        for (int i = 0; i < block.size(); i++) {
          if (block.diffs().get(i) < 0) {
            example = rows == 0 ? shown(block, i) : example;
            rows++;
          }
        }
      }
    } catch (DiffOverflowException e) {
      negative("rows", "appear more often than can be counted (" + e.getMessage() + ")");
    }
    if (rows > 0) {
      negative(rows + " rows", "were retracted more often than inserted, like " + example);
    }
    return null;
  }

  private String shown(UpdateBlock block, int i) {
    JsonRowWriter writer = new JsonRowWriter(state.schema(), RowFields.SNAPSHOT);
    byte[] json = writer.chunks(block.select(j -> j == i), 1).next();
    String text = new String(json, StandardCharsets.UTF_8).strip();
    return text.length() > SHOWN_LETTERS ? text.substring(0, SHOWN_LETTERS) + "…" : text;
  }

  private void negative(String subject, String fault) {
    findings.add(
        new Finding(
            subject,
            fault,
            "the collection is no table, and cannot be exported",
            "publish what is missing, and find out which producer sends wrong changes"));
  }
}
