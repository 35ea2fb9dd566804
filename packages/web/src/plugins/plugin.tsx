import { Page } from "../design/page.tsx";

export const PluginPage = () => <Page title="">{null}</Page>;
