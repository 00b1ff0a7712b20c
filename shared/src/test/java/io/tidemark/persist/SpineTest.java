package io.tidemark.persist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.Seeds;
import io.tidemark.progress.Antichain;
import io.tidemark.progress.BatchDescription;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Whatever is done to a spine, it is as it must be and holds what was pushed. */
class SpineTest {

  private static final int SEEDS = 100;

  private final Map<String, List<Long>> pushedInto = new HashMap<>();
  private final List<Long> gone = new ArrayList<>();
  private SplittableRandom random = new SplittableRandom(0);
  private Spine spine = new Spine();
  private long pushed;

  @Test
  void shouldKeepItsInvariantsAndItsContents() {
    Seeds.forEach(SEEDS, this::keepsItself);
  }

  private void keepsItself(long seed) {
    random = new SplittableRandom(seed);
    spine = new Spine();
    pushedInto.clear();
    gone.clear();
    pushed = 0;
    int scale = random.nextInt(1, 12);
    for (int i = 0; i < 120; i++) {
      Spine twin = random.nextInt(3) == 0 ? SpineCodec.throughBytes(spine) : null;
      long repeat = random.nextLong();
      step(spine, new SplittableRandom(repeat), scale, true);
      if (twin != null) {
        step(twin, new SplittableRandom(repeat), scale, false);
        assertEquals(spine.shape(), twin.shape(), "every process has the same spine");
      }
      spine.checkInvariants();
      assertContents();
      assertShallow();
    }
  }

  private void step(Spine of, SplittableRandom with, int scale, boolean isNoted) {
    switch (with.nextInt(8)) {
      case 0 -> {
        boolean unused = of.exert(with.nextLong(1, 1L << scale));
      }
      case 1 -> of.advanceSince(Antichain.of(of.since().time() + with.nextInt(3)));
      case 2, 3 -> replace(of, with, isNoted);
      default -> push(of, with, scale, isNoted);
    }
  }

  private void push(Spine of, SplittableRandom with, int scale, boolean isNoted) {
    long lower = of.upper().time();
    BatchDescription range =
        new BatchDescription(of.upper(), Antichain.of(lower + with.nextInt(1, 4)));
    long length = with.nextInt(4) == 0 ? 0 : with.nextLong(1L << with.nextInt(1, scale + 1));
    String key = "p" + lower;
    of.push(
        new Batch(
            range,
            length == 0 ? List.of() : List.of(new Part.Hollow(key, 1, 1, length, range, null))));
    if (isNoted && length > 0) {
      pushedInto.put(key, List.of(pushed++));
    }
  }

  private void replace(Spine of, SplittableRandom with, boolean isNoted) {
    List<MergeRequest> requests = of.requests();
    if (requests.isEmpty()) {
      return;
    }
    MergeRequest request = requests.get(with.nextInt(requests.size()));
    int from = with.nextInt(request.inputs().size());
    int to = with.nextInt(from, request.inputs().size()) + 1;
    List<SpineEntry> inputs = request.inputs().subList(from, to);
    IdRange ids = new IdRange(inputs.get(0).ids().lower(), inputs.get(to - from - 1).ids().upper());
    Batch all = Batch.concatenation(inputs.stream().map(SpineEntry::batch).toList());
    long length = with.nextLong(all.updates() + 1);
    String key = "m" + ids + "." + Long.toHexString(with.nextLong());
    List<Part> parts =
        length == 0
            ? List.of()
            : List.of(new Part.Hollow(key, 1, 1, length, all.description(), null));
    of.replace(
        ids,
        new Batch(
            all.description(), parts, new Batch.Compaction(request.since().time(), parts.size())));
    if (isNoted) {
      List<Long> holds = new ArrayList<>();
      all.keys().forEach(each -> holds.addAll(pushedInto.getOrDefault(each, List.of())));
      if (length == 0) {
        gone.addAll(holds);
      } else {
        pushedInto.put(key, holds);
      }
    }
  }

  private void assertContents() {
    List<Long> holds = new ArrayList<>();
    Antichain at = Antichain.minimum();
    for (Batch batch : spine.batches()) {
      assertEquals(at, batch.description().lower());
      at = batch.description().upper();
      batch.keys().forEach(key -> holds.addAll(pushedInto.get(key)));
    }
    assertEquals(spine.upper(), at);
    holds.addAll(gone);
    List<Long> expected = new ArrayList<>();
    for (long i = 0; i < pushed; i++) {
      expected.add(i);
    }
    holds.sort(null);
    assertEquals(expected, holds, "each pushed batch is in one batch");
  }

  private void assertShallow() {
    assertTrue(spine.levels().size() <= 40, "levels " + spine.levels().size());
    assertTrue(spine.groups().size() <= 2 * spine.levels().size());
  }

  @Test
  void shouldHoldFewGroupsHoweverManyBatchesCome() {
    Spine each = new Spine();
    int most = 0;
    for (int i = 0; i < 20_000; i++) {
      BatchDescription range = new BatchDescription(Antichain.of(i), Antichain.of(i + 1));
      each.push(new Batch(range, List.of(new Part.Hollow("p" + i, 1, 1, 1, range, null))));
      most = Math.max(most, each.groups().size());
    }
    assertTrue(most <= 16, "about one for each level: " + most);
  }

  @Test
  void shouldSayOfWhatItCannotReplaceWhy() {
    Spine each = new Spine();
    BatchDescription range = new BatchDescription(Antichain.of(0), Antichain.of(1));
    each.push(Batch.empty(range));

    assertNotNull(each.refusal(new IdRange(1, 2), Batch.empty(range)));
    assertTrue(each.within(new IdRange(0, 2)).isEmpty());
  }
}
