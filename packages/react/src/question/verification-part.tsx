import type { PartProps } from "./part.ts";
import { Press } from "./press.tsx";
import { useWording } from "./wording.ts";

/** Yes or no, neither of them the default. */
export function VerificationPart({ isDisabled, isBusy, onAnswer }: PartProps) {
  const words = useWording();
  return (
    <div className="hp-row hp-yes-no" role="group" aria-label={words.yourAnswer}>
      <Press isDisabled={isDisabled} isBusy={isBusy} onPress={() => onAnswer(true)}>
        {words.yes}
      </Press>
      <Press isDisabled={isDisabled} isBusy={isBusy} onPress={() => onAnswer(false)}>
        {words.no}
      </Press>
    </div>
  );
}
