// Earthquakes of a week, 31 January to 7 February 2018, in the order in which they became known: minutes to
// days after they happened. In the screen the week passes in a minute.
// speed="10080"
import { csv, env, hours, replay, watermarks } from 'sluice';

// %% Earthquakes, as they became known
type Quake = { readonly time: number; readonly magnitude: number; readonly place: string };
const file = csv('data/earthquakes.csv.gz', {
  updated: 'time',
  time: 'time',
  magnitude: 'float',
  place: 'string',
});
// They are few: one reader, and a watermark after each of them instead of after each 64.
const known = env
  .read(file)
  .setParallelism(1)
  .withWatermarks(watermarks.boundedOutOfOrderness(hours(12)).every(1), ({ time }) => time);
const quakes = replay(known, { by: ({ updated }) => updated, speed: 'max' });

/** `22km NNE of Hualian, Taiwan` is in Taiwan. */
const region = ({ place }: Quake) => place.split(', ').at(-1) ?? place;
const date = (time: number) => new Date(time).toUTCString().slice(0, 22);

// %% Swarms
import { outputTag, session } from 'sluice';

// A session lasts until a region has been quiet for three hours. A quake may make one of two, so the
// aggregate says how they merge. Who joins within a day after the end makes the session fire once more.
const tooLate = outputTag<Quake>('too late');
const swarms = quakes
  .filter(({ magnitude }) => magnitude >= 2.5)
  .keyBy(region)
  .window(session({ gap: hours(3) }))
  .allowedLateness(hours(24))
  .sideOutputLateData(tooLate)
  .aggregate(
    {
      create: () => ({ quakes: 0, strongest: 0 }),
      add: (a, { magnitude }) => sum(a, { quakes: 1, strongest: magnitude }),
      merge: (a, b) => sum(a, b),
    },
    (place, { start, end }, swarm) => ({ place, from: date(start), to: date(end), ...swarm }),
  );
swarms.filter(({ quakes }) => quakes >= 5).print();

type Swarm = { readonly quakes: number; readonly strongest: number };
const sum = (a: Swarm, b: Swarm): Swarm => ({
  quakes: a.quakes + b.quakes,
  strongest: Math.max(a.strongest, b.strongest),
});

// %% Known too late
import { count, global, triggers } from 'sluice';

// One window for everything: with this trigger it fires at the end of the input.
swarms
  .getSideOutput(tooLate)
  .keyBy(region)
  .window(global())
  .trigger(triggers.eventTime())
  .aggregate(count(), (place, _, late) => ({ place, late }))
  .print();

// %% Aftershocks
import { list } from 'sluice';

// State and timers belong to the region at work. A quake is kept until a day after it is over by event time;
// then a strong one is told with what followed it, in whatever order they became known.
const recent = list<Quake>({ name: 'recent' });
quakes
  .keyBy(region)
  .process({
    process(quake, ctx) {
      const dayAfter = quake.time + hours(24);
      if (dayAfter <= ctx.watermark) return; // too late
      ctx.state(recent).add(quake);
      ctx.timers.event(dayAfter);
    },
    onTimer(time, ctx, out) {
      const all = ctx.state(recent).get();
      const later = all.filter((quake) => quake.time > time - hours(24));
      const followedBy = later.filter((quake) => quake.time <= time).length;
      for (const { magnitude, place, ...quake } of all) {
        if (quake.time === time - hours(24) && magnitude >= 5 && followedBy > 0)
          out.collect({ date: date(quake.time), magnitude, place, followedBy });
      }
      ctx.state(recent).update(later);
    },
  })
  .print();
