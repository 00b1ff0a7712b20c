package io.tidemark.location.sqlite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tidemark.location.sqlite.GroupQueue.Offer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GroupQueueTest {

  private record Item(int bytes) implements GroupQueue.Sized {}

  private final GroupQueue<Item> queue = new GroupQueue<>(3, 10);

  @Test
  void shouldHandOutAllThatWaitsInOrder() {
    assertEquals(Offer.ACCEPTED, queue.offer(new Item(1)));
    assertEquals(Offer.ACCEPTED, queue.offer(new Item(2)));

    assertEquals(List.of(new Item(1), new Item(2)), taken());
    assertEquals(Offer.ACCEPTED, queue.offer(new Item(3)));
    assertEquals(List.of(new Item(3)), taken());
  }

  @Test
  void shouldRefuseMoreItemsThanItsBound() {
    for (int i = 0; i < 3; i++) {
      assertEquals(Offer.ACCEPTED, queue.offer(new Item(0)));
    }
    assertEquals(Offer.FULL, queue.offer(new Item(0)));
    assertEquals(3, taken().size());
    assertEquals(Offer.ACCEPTED, queue.offer(new Item(0)));
  }

  @Test
  void shouldRefuseMoreBytesThanItsBound() {
    assertEquals(Offer.ACCEPTED, queue.offer(new Item(6)));
    assertEquals(Offer.FULL, queue.offer(new Item(5)));
    assertEquals(Offer.ACCEPTED, queue.offer(new Item(4)));
    assertEquals(Offer.FULL, queue.offer(new Item(1)));
    assertEquals(2, taken().size());
    assertEquals(Offer.ACCEPTED, queue.offer(new Item(10)));
  }

  @Test
  void shouldHandOutWhatWaitsAndThenEndOnceClosed() {
    assertEquals(Offer.ACCEPTED, queue.offer(new Item(1)));
    queue.close();

    assertEquals(Offer.CLOSED, queue.offer(new Item(1)));
    List<Item> group = new ArrayList<>();
    assertTrue(queue.take(group));
    assertEquals(1, group.size());
    group.clear();
    assertFalse(queue.take(group));
  }

  private List<Item> taken() {
    List<Item> group = new ArrayList<>();
    assertTrue(queue.take(group));
    return group;
  }
}
