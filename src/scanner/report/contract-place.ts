import type { Operation } from '../../contract/model.ts';
import type { Place } from '../../shared/finding.ts';

const PARAMETER = /^(path|query|header|cookie)(?: parameter)? (.+)$/;

/**
 * Where the contract declares what a finding's place names: the parameter, the body, or the operation itself.
 * @param place as checks write it: `query parameter search`, `body /role`
 */
export function contractPlace(operation: Operation, place: string | undefined): Place {
  if (/^(?:the )?body\b/.test(place ?? '')) return operation.body?.place ?? operation.place;
  const status = /^answer ([1-5]\d\d)\b/.exec(place ?? '')?.[1];
  if (status !== undefined) {
    const said = [status, `${status[0]}XX`, 'default'];
    const declared = operation.responses.filter((one) =>
      said.includes(one.status.toUpperCase().replace('DEFAULT', 'default')),
    );
    declared.sort((a, b) => said.indexOf(a.status) - said.indexOf(b.status));
    return declared[0]?.place ?? operation.place;
  }
  const named = PARAMETER.exec(place ?? '');
  const parameter =
    named === null
      ? undefined
      : operation.parameters.find(
          (one) => one.in === named[1] && one.name === (one.in === 'header' ? named[2]?.toLowerCase() : named[2]),
        );
  return parameter?.place ?? operation.place;
}
