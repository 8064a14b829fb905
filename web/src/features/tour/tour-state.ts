// Where the tour stands: null is nowhere.
import { create } from 'zustand';

export const useTourStep = create<{ step: number | null }>(() => ({ step: null }));

export const startTour = (): void => useTourStep.setState({ step: 0 });
