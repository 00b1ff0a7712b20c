package io.tidemark.persist;

import io.tidemark.location.Blob;
import io.tidemark.location.Consensus.Version;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the objects of a shard that nothing names and nothing ever will: what processes left
 * behind that died, or that lost a race. No clock is asked.
 *
 * <p>First the objects are listed, then the state is read. A part that was listed was uploaded
 * after its writer was registered. So if the writer is not registered <em>then</em>, it was and is
 * not any more, and it never will be again: whatever it has not committed by then it never will.
 * What such a writer has uploaded and no version from the oldest on names is garbage. What a
 * registered writer has uploaded stays: it may be about to be committed. A rollup is refused once
 * there is a newer one; so one that is not newer, and that the state does not know, is garbage.
 */
final class Sweep {

  /** The most objects that one sweep deletes; the next goes on. Bounds its memory. */
  static final int MAX_SWEPT = 50_000;

  private static final Pattern PART = Pattern.compile("(w[0-9a-f]{32})/.+");
  private static final Pattern ROLLUP = Pattern.compile("([0-9]{1,18})/r.+");

  private final Machine machine;
  private final History history;
  private final Deletion deletion;
  private final Blob blob;

  Sweep(Machine machine, History history, Deletion deletion, Blob blob) {
    this.machine = machine;
    this.history = history;
    this.deletion = deletion;
    this.blob = blob;
  }

  /** An object that the state does not name. */
  private record Candidate(String key, @Nullable WriterId writer, long rollupSeqno) {}

  /** Deletes what is garbage. */
  Future<Collected> run() {
    return history
        .calling(this::list)
        .compose(
            found ->
                found.isEmpty()
                    ? Future.succeededFuture(Collected.NOTHING)
                    : machine.refresh().compose(done -> judge(found)));
  }

  private Future<List<Candidate>> list() {
    // A part that is left out here because of the state before is only left for the next sweep.
    Set<String> named = machine.state().trace().keys();
    String prefix = machine.state().shard() + "/";
    List<Candidate> found = new ArrayList<>();
    return blob.list(
            prefix,
            entry -> {
              Candidate candidate = candidate(prefix, entry.key());
              if (candidate != null && found.size() < MAX_SWEPT && !named.contains(entry.key())) {
                found.add(candidate);
              }
            })
        .map(found);
  }

  private @Nullable Candidate candidate(String prefix, String key) {
    String name = key.substring(prefix.length());
    Matcher part = PART.matcher(name);
    if (part.matches()) {
      WriterId writer = new WriterId(part.group(1));
      return machine.state().writer(writer) == null ? new Candidate(key, writer, -1) : null;
    }
    Matcher rollup = ROLLUP.matcher(name);
    if (rollup.matches()) {
      long seqno = Long.parseLong(rollup.group(1));
      return isKnown(seqno, key) ? null : new Candidate(key, null, seqno);
    }
    return null; // not one of ours
  }

  private boolean isKnown(long seqno, String key) {
    Rollup rollup = machine.state().rollups().get(seqno);
    return rollup != null && rollup.key().equals(key);
  }

  private Future<Collected> judge(List<Candidate> found) {
    return history.earliest().compose(earliest -> judge(found, earliest));
  }

  private Future<Collected> judge(List<Candidate> found, Version earliest) {
    String base = history.rollupOf(earliest).key();
    return history
        .named(earliest, earliest.seqno(), machine.state().rollups())
        .compose(
            named ->
                named.isEmpty()
                    ? Future.succeededFuture(Collected.NOTHING)
                    : delete(found, named.get().after(), base));
  }

  /**
   * @param base the rollup that the oldest version names, which the state may not know
   */
  private Future<Collected> delete(List<Candidate> found, Set<String> named, String base) {
    List<String> parts = new ArrayList<>();
    List<String> rollups = new ArrayList<>();
    for (Candidate candidate : found) {
      if (candidate.writer() != null) {
        if (machine.state().writer(candidate.writer()) == null
            && !named.contains(candidate.key())) {
          parts.add(candidate.key());
        }
      } else if (candidate.rollupSeqno() <= machine.state().rollup().seqno()
          && !candidate.key().equals(base)
          && !isKnown(candidate.rollupSeqno(), candidate.key())) {
        rollups.add(candidate.key());
      }
    }
    return deletion
        .all(parts)
        .compose(done -> deletion.all(rollups))
        .map(done -> new Collected(parts.size(), rollups.size(), 0));
  }
}
