import { Unseen } from "@holdpoint/react";

/** Rows of figures under a caption; on a small screen it scrolls sideways by itself. */
export function Table(props: {
  caption: string;
  columns: readonly string[];
  rows: readonly (readonly (string | number)[])[];
}) {
  return (
    <div role="region" aria-label={props.caption} tabIndex={0} className="max-w-3xl overflow-x-auto">
      <table className="w-full border-collapse">
        <caption className="label mb-1 text-left">{props.caption}</caption>
        <thead>
          <tr>
            {props.columns.map((column, index) => (
              <th
                key={column}
                scope="col"
                className={`border-b border-edge py-1 pr-4 font-normal text-quiet ${index === 0 ? "text-left" : "text-right whitespace-nowrap"}`}
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map(([name, ...figures]) => (
            <tr key={name}>
              <th scope="row" className="border-b border-line py-1 pr-4 text-left font-normal">
                <Unseen text={String(name)} />
              </th>
              {figures.map((figure, index) => (
                <td key={index} className="border-b border-line py-1 pr-4 text-right">
                  {figure}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
