import type { ChainStep, ShownChainStep } from "@hitagi/contract";
import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { ArrowDown, ArrowUp, GripVertical } from "lucide-react";
import { type KeyboardEvent, lazy, type PointerEvent, Suspense, useState } from "react";
import { useCall, useChange } from "../app/calls.ts";
import { Chip } from "../design/chip.tsx";
import { Card, Section } from "../design/page.tsx";
import { Row } from "../design/row.tsx";
import { useMay } from "../session/session.ts";
import { useTexts } from "../texts/texts.ts";
import { conditionWords } from "./chain-words.ts";
import classes from "./plugins.module.css";
import { useDragOrder } from "./use-drag-order.ts";

const ChainConditionsForm = lazy(() => import("./chain-conditions.tsx"));

const toStep = ({ plugin, when, ends_on_hit }: ShownChainStep): ChainStep => ({
  plugin: plugin as never,
  when,
  ends_on_hit,
});

/** The list with one of its items at another place. */
const movedTo = <T,>(items: readonly T[], from: number, to: number): T[] => {
  const rest = items.filter((_, n) => n !== from);
  return [...rest.slice(0, to), ...items.slice(from, from + 1), ...rest.slice(to)];
};

interface StepProps {
  step: ShownChainStep;
  index: number;
  count: number;
  busy: boolean;
  move: (from: number, to: number) => void;
  /** Changes its conditions. @returns whether the server took them */
  change: (changed: Partial<ShownChainStep>) => Promise<boolean>;
  onDrag: (event: PointerEvent<HTMLElement>, from: number) => void;
  isDragged: boolean;
  /** Pixels by which it is shown away from its place. */
  offset: number;
}

const Step = ({ step, index, count, busy, move, change, onDrag, isDragged, offset }: StepProps) => {
  const { t } = useTexts();
  const mayManage = useMay("manage");
  const [isEdited, setEdited] = useState(false);
  const onKey = (event: KeyboardEvent): void => {
    const isInForm = event.target instanceof HTMLElement && event.target.closest("form") !== null;
    const by = event.altKey && !isInForm ? { ArrowUp: -1, ArrowDown: 1 }[event.key] : undefined;
    if (by === undefined) return;
    event.preventDefault();
    move(index, index + by);
  };
  const words = conditionWords(step, t);
  return (
    <li
      className={classes.step}
      data-dragged={isDragged}
      onKeyDown={mayManage ? onKey : undefined}
      style={{ transform: offset === 0 ? undefined : `translateY(${offset}px)` }}
    >
      <Row
        lead={
          <span className={classes.lead}>
            {mayManage && (
              <button
                type="button"
                className={classes.handle}
                onPointerDown={(event) => onDrag(event, index)}
                aria-label={t("plugins.drag", { name: step.name })}
              >
                <GripVertical size={16} aria-hidden />
              </button>
            )}
            <span className={classes.number}>{index + 1}</span>
          </span>
        }
        title={
          <>
            <Link to="/plugins/$namespace" params={{ namespace: step.plugin }}>
              {step.name}
            </Link>
            {!step.usable && <Chip tone="bad">{t("plugins.unusable")}</Chip>}
          </>
        }
        about={words.length > 0 ? words.join(" · ") : t("plugins.always")}
        actions={
          mayManage && (
            <>
              <Button
                variant="default"
                size="compact-sm"
                aria-label={t("plugins.conditionsOf", { name: step.name })}
                aria-expanded={isEdited}
                onClick={() => setEdited(!isEdited)}
              >
                {t("plugins.conditions")}
              </Button>
              <Button
                variant="subtle"
                size="compact-sm"
                disabled={index === 0}
                aria-label={t("plugins.up", { name: step.name })}
                onClick={() => move(index, index - 1)}
              >
                <ArrowUp size={15} aria-hidden />
              </Button>
              <Button
                variant="subtle"
                size="compact-sm"
                disabled={index === count - 1}
                aria-label={t("plugins.down", { name: step.name })}
                onClick={() => move(index, index + 1)}
              >
                <ArrowDown size={15} aria-hidden />
              </Button>
            </>
          )
        }
      />
      <Suspense>
        {isEdited && (
          <ChainConditionsForm
            step={step}
            busy={busy}
            onEnd={() => setEdited(false)}
            onSave={async (changed) => {
              if (await change(changed)) setEdited(false);
            }}
          />
        )}
      </Suspense>
    </li>
  );
};

/** The enabled metadata plugins in the order in which they run on archives. It changes by drag, by Alt with an arrow, and by buttons; each has a form of its conditions. */
export const ChainOrder = () => {
  const { t } = useTexts();
  const { data } = useCall("getChain", {});
  const put = useChange("putChain");
  /** The order while the server stores it. */
  const [pending, setPending] = useState<ShownChainStep[] | null>(null);
  const steps = pending ?? data?.steps ?? [];
  const { dragged, start, offsetOf } = useDragOrder((from, to) => void move(from, to));
  if (data === undefined || steps.length === 0) return null;
  const move = async (from: number, to: number): Promise<void> => {
    const moved = steps[from];
    if (from === to || to < 0 || to >= steps.length || moved === undefined) return;
    const before = data.steps.map(toStep);
    const next = movedTo(steps, from, to);
    setPending(next);
    await put.run(
      { body: { steps: next.map(toStep), revision: data.revision } },
      {
        done: t("plugins.moved", { name: moved.name, place: to + 1 }),
        undo: () => put.run({ body: { steps: before } }),
      },
    );
    setPending(null);
  };
  const change = async (index: number, changed: Partial<ShownChainStep>): Promise<boolean> => {
    const before = data.steps.map(toStep);
    const next = steps.map((step, at) => (at === index ? { ...step, ...changed } : step));
    const answer = await put.run(
      { body: { steps: next.map(toStep), revision: data.revision } },
      { done: t("plugins.conditionsSaved"), undo: () => put.run({ body: { steps: before } }) },
    );
    return answer !== undefined;
  };
  return (
    <Section title={t("plugins.order")} about={t("plugins.orderAbout")}>
      <Card>
        <ol className={classes.steps} data-dragging={dragged !== undefined} aria-label={t("plugins.order")}>
          {steps.map((step, index) => (
            <Step
              key={step.plugin}
              step={step}
              index={index}
              count={steps.length}
              busy={put.busy}
              move={(from, to) => void move(from, to)}
              change={(changed) => change(index, changed)}
              onDrag={start}
              isDragged={dragged === index}
              offset={offsetOf(index)}
            />
          ))}
        </ol>
      </Card>
    </Section>
  );
};
