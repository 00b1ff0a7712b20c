package io.tidemark;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Set;

/** What no module may use but through the environment. */
public final class AmbientUse {

  private static final Set<String> AMBIENT =
      Set.of(
          "java.lang.System.currentTimeMillis",
          "java.lang.System.nanoTime",
          "java.lang.Thread.sleep",
          "java.lang.Math.random",
          "java.util.UUID.randomUUID",
          "java.util.Random.<init>",
          "java.util.SplittableRandom.<init>",
          "java.security.SecureRandom.<init>",
          "java.util.concurrent.ThreadLocalRandom.current",
          "java.time.Instant.now",
          "java.time.LocalDate.now",
          "java.time.LocalDateTime.now",
          "java.time.ZonedDateTime.now",
          "java.time.Clock.systemUTC",
          "java.time.Clock.systemDefaultZone");

  private AmbientUse() {}

  /** Holds for a class that takes time, randomness or ids from anywhere. */
  public static ArchCondition<JavaClass> useTheAmbient() {
    return new ArchCondition<>("use ambient time, randomness or ids") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        for (JavaAccess<?> access : item.getAccessesFromSelf()) {
          String target =
              access.getTargetOwner().getFullName() + "." + access.getTarget().getName();
          if (AMBIENT.contains(target)) {
            events.add(SimpleConditionEvent.satisfied(item, access.getDescription()));
          }
        }
      }
    };
  }
}
